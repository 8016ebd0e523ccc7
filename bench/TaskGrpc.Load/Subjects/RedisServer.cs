using System.Diagnostics;

namespace TaskGrpc.Load.Subjects;

/// <summary>Debian's Redis on fresh data. It appends each write to a file, and syncs the file before it answers.</summary>
internal sealed class RedisServer : Subject
{
    private const string Program = "/usr/bin/redis-server";

    private RedisServer(Process process, Uri address, DirectoryInfo data)
        : base(process, address, data)
    {
    }

    public static async Task<RedisServer> StartAsync()
    {
        if (!File.Exists(Program))
        {
            throw new MissingBaselineException("Redis", "redis-server");
        }

        var (data, port) = (Directory.CreateTempSubdirectory("taskgrpc-load-redis-"), LoopbackPort.Free());
        var start = new ProcessStartInfo(
            Program,
            ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", data.FullName, "--appendonly", "yes", "--appendfsync", "always",
                "--save", "", "--auto-aof-rewrite-percentage", "0"])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var server = new RedisServer(process, new Uri($"redis://127.0.0.1:{port}"), data);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return server;
            }
        }

        server.Dispose();
        throw new InvalidOperationException("Redis did not start.");
    }
}
