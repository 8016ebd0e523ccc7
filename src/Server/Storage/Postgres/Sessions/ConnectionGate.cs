using System.Net.Sockets;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>
/// Bounds how often this server tries to connect while the database refuses: after a failed attempt everything that wants a connection
/// fails at once with the
/// same reason, until a time that grows and differs from replica to replica.
/// </summary>
/// <param name="connections">What forgets the hosts' states when a connection fails, so that the next attempt finds one that was promoted
/// meanwhile.</param>
internal sealed class ConnectionGate(PostgresConnections connections)
{
    private readonly Lock _gate = new();
    private readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
    private string? _failure;
    private bool _isTried;
    private long _closedAt;
    private TimeSpan _closedFor;

    /// <exception cref="NpgsqlException">The database cannot be reached, or could not be a moment ago.</exception>
    public void Open(NpgsqlConnection connection)
    {
        Pass();
        try
        {
            connection.Open();
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }

        Opened();
    }

    /// <exception cref="NpgsqlException">The database cannot be reached, or could not be a moment ago.</exception>
    public async Task OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Pass();
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }

        Opened();
    }

    /// <summary>After a failure one attempt at a time passes, once it is time.</summary>
    private void Pass()
    {
        lock (_gate)
        {
            if (_failure is not null && (_isTried || TimeProvider.System.GetElapsedTime(_closedAt) < _closedFor))
            {
                throw new NpgsqlException($"No connection is tried for the moment, since the last attempt failed: {_failure}");
            }

            _isTried = true;
        }
    }

    private void Opened()
    {
        lock (_gate)
        {
            (_failure, _isTried) = (null, false);
            _backOff.Reset();
        }
    }

    private Exception Failed(Exception exception)
    {
        connections.ForgetHosts();
        lock (_gate)
        {
            // Attempts that were under way together count as one.
            if (_failure is null || _isTried)
            {
                (_failure, _isTried) = (FailureText.Of(exception), false);
                (_closedAt, _closedFor) = (TimeProvider.System.GetTimestamp(), _backOff.Next());
            }
        }

        // A host that has no address just now is told as what it is not: an error of the database's driver.
        return exception is SocketException or TimeoutException or IOException ? new NpgsqlException("The database cannot be reached.", exception) : exception;
    }
}
