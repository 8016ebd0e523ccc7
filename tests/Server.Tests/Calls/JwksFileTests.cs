using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>An issuer's key file that changes while the server runs.</summary>
public sealed class JwksFileTests : IDisposable
{
    private readonly Lines _lines = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_file_that_cannot_be_read_again_Keeps_the_earlier_keys_and_is_logged_once()
    {
        Directory.CreateDirectory(_folder.Path);
        using var issuer = new TestIssuer(_folder.Path);
        var path = Path.Combine(_folder.Path, "jwks.json");
        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var file = new JwksFile(path, _lines);
        await file.StartAsync(TestContext.Current.CancellationToken);
        Assert.Single(file.Read());

        await ChangeAsync(path, "{\"keys\":[");
        for (var call = 0; call < 100; call++)
        {
            Assert.Single(file.Read());
        }

        var line = Assert.Single(_lines.All);
        Assert.Contains(path, line, StringComparison.Ordinal);

        await ChangeAsync(path,
            whole.Replace("[", "[" + whole[(whole.IndexOf('[', StringComparison.Ordinal) + 1)..whole.LastIndexOf(']')] + ",",
                StringComparison.Ordinal));
        Assert.Equal(2, file.Read().Count);
        Assert.Single(_lines.All);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes a file and makes its modification time differ from the one before.</summary>
    private static async Task ChangeAsync(string path, string text)
    {
        var before = File.GetLastWriteTimeUtc(path);
        await File.WriteAllTextAsync(path, text);
        File.SetLastWriteTimeUtc(path, before.AddSeconds(1));
    }

    private sealed class Lines : ILogger<JwksFile>
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));
    }
}
