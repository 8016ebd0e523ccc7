using Microsoft.Extensions.Logging;

namespace TaskGrpc.Testing;

/// <summary>Writes each entry of the server's log to a delegate of the test.</summary>
internal sealed class LineLog(Action<string> write) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName, write);

    public void Dispose()
    {
    }

    private sealed class Category(string name, Action<string> write) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                write($"{logLevel} {name}: {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
            }
            catch (Exception)
            {
                // xunit's output throws once its test is over. That must not stop the server.
            }
        }
    }
}
