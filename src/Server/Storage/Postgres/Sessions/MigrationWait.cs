using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Logs what a start waits for, while it waits for the migration lock or the migration runs.</summary>
internal sealed class MigrationWait : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const string Blockers =
        """
        SELECT string_agg(format('%s (%s, ''%s'')', pid, usename, application_name), ', ')
        FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))
        """;

    private readonly NpgsqlDataSource _source;
    private readonly int _process;
    private readonly ILogger _logger;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly ITimer _timer;

    /// <param name="source">Opens the connections that read the blockers.</param>
    /// <param name="process">The database process that runs the migration.</param>
    /// <param name="logger">The log.</param>
    public MigrationWait(NpgsqlDataSource source, int process, ILogger logger)
    {
        (_source, _process, _logger) = (source, process, logger);
        _timer = TimeProvider.System.CreateTimer(static wait => ((MigrationWait)wait!).Tell(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        var waited = TimeProvider.System.GetElapsedTime(_began).TotalSeconds;
        string? blockers = null;
        try
        {
            using var connection = _source.CreateConnection();
            connection.Open();
            using var command =
                new NpgsqlCommand(Blockers, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = _process } } };
            blockers = command.ExecuteScalar() as string;
        }
        catch (Exception exception) when (exception is DbException or SocketException or TimeoutException or IOException)
        {
            // The message still says how long the start has waited.
        }

        if (blockers is null)
        {
            _logger.MigrationRuns(waited);
        }
        else
        {
            _logger.MigrationWaits(waited, blockers);
        }
    }
}
