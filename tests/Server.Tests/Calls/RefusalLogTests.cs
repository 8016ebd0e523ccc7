using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

public sealed class RefusalLogTests
{
    [Fact(Timeout = 30_000)]
    public async Task A_flood_of_refusals_Fills_a_few_lines_of_which_the_next_counts_the_rest()
    {
        var lines = new Lines();
        using var log = new RefusalLog(lines);
        for (var i = 0; i < 10_000; i++)
        {
            Tell(log);
        }

        var told = lines.All.Count;
        Assert.InRange(told, 1, 100);
        var all = 10_000;
        while (lines.All.Count == told)
        {
            Tell(log);
            all++;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var line = lines.All.Last();
        Assert.Contains("anna", line, StringComparison.Ordinal);
        Assert.Contains("/service/call", line, StringComparison.Ordinal);
        Assert.Contains(nameof(ErrorReason.ScopeMissing), line, StringComparison.Ordinal);
        Assert.Contains($"{all - lines.All.Count}", line, StringComparison.Ordinal);
    }

    private static void Tell(RefusalLog log) =>
        log.Tell("org", new Actor { Type = ActorType.User, Id = "anna" }, "/service/call", ErrorReason.ScopeMissing);

    private sealed class Lines : ILogger<RefusalLog>
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));
    }
}
