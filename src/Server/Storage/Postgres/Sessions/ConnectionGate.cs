using System.Net.Sockets;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>
/// Limits how often this server tries to connect while the database refuses. After a failed attempt every other attempt fails at once
/// with the same reason, for a pause that grows and differs between replicas.
/// </summary>
/// <param name="connections">Forgets the hosts' states after a failure, so that the next attempt finds a newly promoted primary.</param>
internal sealed class ConnectionGate(PostgresConnections connections)
{
    private readonly Lock _gate = new();
    private readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
    private string? _failure;
    private bool _isTried;
    private long _closedAt;
    private TimeSpan _closedFor;

    /// <exception cref="NpgsqlException">The database cannot be reached, or could not be a moment ago.</exception>
    public NpgsqlConnection Open(NpgsqlDataSource source)
    {
        Pass();
        try
        {
            return Opened(source.OpenConnection());
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }
    }

    /// <exception cref="NpgsqlException">The database cannot be reached, or could not be a moment ago.</exception>
    public async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        Pass();
        try
        {
            return Opened(await source.OpenConnectionAsync(cancellationToken));
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }
    }

    /// <summary>After a failure, lets one attempt at a time pass, once the pause is over.</summary>
    private void Pass()
    {
        lock (_gate)
        {
            if (_failure is not null && (_isTried || TimeProvider.System.GetElapsedTime(_closedAt) < _closedFor))
            {
                throw new NpgsqlException($"The last attempt to connect failed, and the next one waits for a moment: {_failure}");
            }

            _isTried = true;
        }
    }

    private NpgsqlConnection Opened(NpgsqlConnection connection)
    {
        lock (_gate)
        {
            (_failure, _isTried) = (null, false);
            _backOff.Reset();
        }

        return connection;
    }

    private Exception Failed(Exception exception)
    {
        connections.ForgetHosts();
        lock (_gate)
        {
            // Attempts that ran at the same time count as one.
            if (_failure is null || _isTried)
            {
                (_failure, _isTried) = (FailureText.Of(exception), false);
                (_closedAt, _closedFor) = (TimeProvider.System.GetTimestamp(), _backOff.Next());
            }
        }

        // A network error, such as a host without an address, becomes an error of the database's driver, which callers handle.
        return exception is SocketException or TimeoutException or IOException
            ? new NpgsqlException("The database cannot be reached.", exception) : exception;
    }
}
