using System.Diagnostics;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>An in-memory file system of limited size, which a test can fill and empty. Only root can mount one.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int megabytes)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can mount a file system.");
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "tmpfs", Path);
    }

    public string Path => _folder.Path;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Fills the disk.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(Ballast, FileMode.Create, FileAccess.Write);
        var zeros = new byte[4096];
        try
        {
            for (var offset = 0L; ; offset += zeros.Length)
            {
                RandomAccess.Write(file, zeros, offset);
            }
        }
        catch (IOException)
        {
            // The disk is full.
        }
    }

    /// <summary>Frees the space again.</summary>
    public void Clear() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
