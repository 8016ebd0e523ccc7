using System.Net.Sockets;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Bounds how often this server tries to connect while the database refuses: after a failed attempt everything that wants a connection fails at once with the
/// same reason, until a time that grows and differs from replica to replica.
/// </summary>
/// <param name="connections">What forgets the hosts' states when a connection fails, so that the next attempt finds one that was promoted meanwhile.</param>
internal sealed class ConnectionGate(PostgresConnections connections)
{
    private readonly Lock _gate = new();
    private readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
    private string _reason = "";
    private long _closedAt;
    private TimeSpan _closedFor;

    private bool IsClosed => _closedFor > TimeSpan.Zero && TimeProvider.System.GetElapsedTime(_closedAt) < _closedFor;

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
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw Failed(exception);
        }

        Opened();
    }

    private void Pass()
    {
        lock (_gate)
        {
            if (IsClosed)
            {
                throw new NpgsqlException($"No connection is tried for the moment, since the last attempt failed: {_reason}");
            }
        }
    }

    private void Opened()
    {
        lock (_gate)
        {
            _closedFor = TimeSpan.Zero;
            _backOff.Reset();
        }
    }

    /// <summary>A host that has no address just now is told as what it is not: an error of the database's driver.</summary>
    private Exception Failed(Exception exception)
    {
        connections.ForgetHosts();
        lock (_gate)
        {
            // Attempts that were under way together count as one.
            if (!IsClosed)
            {
                (_reason, _closedAt, _closedFor) = (FailureText.Of(exception), TimeProvider.System.GetTimestamp(), _backOff.Next());
            }
        }

        return exception is SocketException or TimeoutException or IOException ? new NpgsqlException("The database cannot be reached.", exception) : exception;
    }
}
