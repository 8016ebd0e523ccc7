using System.Text.Json;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>
/// Sends other replicas, by LISTEN and NOTIFY, hints about which organizations have changed. A hint may be lost. It is never sent inside
/// a commit, because PostgreSQL commits transactions with a NOTIFY one after the other.
/// </summary>
internal sealed class HintChannel(PostgresStore store) : IDisposable
{
    private const string Channel = "taskgrpc_commits";

    /// <summary>A payload must be shorter than 8,000 bytes.</summary>
    private const int MostBytes = 7900;

    /// <summary>How often the listener checks whether the store has discarded its connections.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly string _self = store.Replica.ToString("N");
    private NpgsqlConnection? _sender;
    private int _senderGeneration;

    /// <summary>Listens over its own connection. Throws when that is lost; returns when the store has discarded its connections.</summary>
    /// <param name="heard">Receives the organizations of each hint from another replica.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    public async Task ListenAsync(Action<IReadOnlyList<string>> heard, CancellationToken cancellationToken)
    {
        var generation = store.Generation;
        await using var connection = await store.OpenListenerAsync(cancellationToken);
        connection.Notification += (_, notification) =>
        {
            if (Parse(notification.Payload) is [var sender, .. var organizations] && sender != _self)
            {
                heard(organizations);
            }
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (store.Generation == generation)
        {
            await connection.WaitAsync(Look, cancellationToken);
        }
    }

    /// <summary>Sends a hint about these organizations. Not thread-safe.</summary>
    public async Task SendAsync(IEnumerable<string> organizations, CancellationToken cancellationToken)
    {
        try
        {
            if (_senderGeneration != store.Generation)
            {
                Dispose();
            }

            if (_sender is null)
            {
                _senderGeneration = store.Generation;
                _sender = await store.OpenConnectionAsync(cancellationToken);
                // A NOTIFY is a transaction too and would wait for the disk. A hint is not worth that.
                await using var command = new NpgsqlCommand("SET synchronous_commit = off", _sender);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            foreach (var payload in Payloads(organizations))
            {
                await using var notify = new NpgsqlCommand(
                    "SELECT pg_notify($1, $2)", _sender)
                { Parameters = { new() { Value = Channel }, new() { Value = payload } } };
                await notify.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection; the next hint opens another.</summary>
    public void Dispose()
    {
        _sender?.Dispose();
        _sender = null;
    }

    private IEnumerable<string> Payloads(IEnumerable<string> organizations)
    {
        var (names, size) = (new List<string> { _self }, _self.Length + 4);
        foreach (var organization in organizations)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(organization).Length + 1;
            if (size + bytes > MostBytes)
            {
                yield return JsonSerializer.Serialize(names);
                (names, size) = ([_self], _self.Length + 4);
            }

            names.Add(organization);
            size += bytes;
        }

        yield return JsonSerializer.Serialize(names);
    }

    /// <summary>The names in a hint; none if it is not one: any session of the database can send anything on the channel.</summary>
    private static string[] Parse(string payload)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(payload) is { } names && !names.Contains(null) ? names : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
