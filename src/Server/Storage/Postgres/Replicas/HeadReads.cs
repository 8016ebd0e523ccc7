using System.Security.Cryptography;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Sessions;

namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>Reads where the logs of many organizations stand, over a connection of its own that no list or commit can hold up. Not thread-safe.</summary>
internal sealed class HeadReads(PostgresStore store, SeenHeads seen) : IAsyncDisposable
{
    /// <summary>The answer is a few index entries; what takes longer is an outage.</summary>
    private const int TimeoutSeconds = 2;

    private const string Heads = "SELECT id, revision, compacted_revision, epoch FROM organizations WHERE id = ANY ($1)";
    private const string ChangeEpoch = "UPDATE organizations SET epoch = $1 WHERE id = $2 AND epoch = $3 AND revision < $4";

    private const string Write = "INSERT INTO requests (organization_id, request_id, caller, fingerprint, answer, created_at) VALUES ('', $1, '', '', $2, now())";

    /// <summary>More than a table or its log finds room for without growing; of bytes that cannot be compressed.</summary>
    private const int WriteBytes = 256 * 1024;

    private NpgsqlConnection? _connection;

    /// <summary>Reads the heads of these organizations. One that has fallen is given a new epoch, by whichever replica sees it first.</summary>
    /// <exception cref="NpgsqlException">The database does not answer, or a commit there would be refused.</exception>
    public async Task<IReadOnlyDictionary<string, LogHead>> ReadAsync(string[] organizations, CancellationToken cancellationToken)
    {
        try
        {
            var heads = await HeadsAsync(organizations, cancellationToken);
            foreach (var (organization, head) in heads.ToList())
            {
                if (seen.HasFallen(organization, head, out var highest))
                {
                    heads[organization] = await InNewEpochAsync(organization, head.Epoch, highest, cancellationToken);
                }
            }

            return heads;
        }
        catch
        {
            // What happened to this connection has happened to those that are idle, too.
            if (_connection is not null)
            {
                store.DiscardIdle();
                await DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Writes something of the size of a large change and takes it back: whether there is room for it.</summary>
    /// <exception cref="NpgsqlException">There is none.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = await BatchAsync(cancellationToken);
            batch.BatchCommands.Insert(0, new NpgsqlBatchCommand("BEGIN"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Write)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = Guid.NewGuid() }, new NpgsqlParameter<byte[]> { TypedValue = RandomNumberGenerator.GetBytes(WriteBytes) } },
            });
            batch.BatchCommands.Add(new NpgsqlBatchCommand("ROLLBACK"));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }

    private async Task<Dictionary<string, LogHead>> HeadsAsync(string[] organizations, CancellationToken cancellationToken)
    {
        await using var batch = await BatchAsync(cancellationToken);
        batch.BatchCommands.Add(DatabaseRequirements.WritableCommand());
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Heads) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = organizations } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (DatabaseRequirements.WhyNotWritable(reader) is { } reason)
        {
            // Where there are several hosts, another one may have become the primary: the next attempt looks for it.
            throw new NpgsqlException(reason);
        }

        await reader.NextResultAsync(cancellationToken);
        var heads = new Dictionary<string, LogHead>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads[reader.GetString(0)] = new LogHead(reader.GetInt64(1), reader.GetInt64(2), reader.GetGuid(3));
        }

        return heads;
    }

    /// <summary>Compares and sets: where the head has reached what was seen, it had only been read too early; where the epoch is another, a replica was faster.</summary>
    private async Task<LogHead> InNewEpochAsync(string organization, Guid epoch, long highest, CancellationToken cancellationToken)
    {
        await using var batch = await BatchAsync(cancellationToken);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ChangeEpoch)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = Guid.NewGuid() },
                new NpgsqlParameter<string> { TypedValue = organization },
                new NpgsqlParameter<Guid> { TypedValue = epoch },
                new NpgsqlParameter<long> { TypedValue = highest },
            },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return (await HeadsAsync([organization], cancellationToken)).GetValueOrDefault(organization);
    }

    private async Task<NpgsqlBatch> BatchAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            _connection = await store.OpenConnectionAsync(cancellationToken);
        }

        var batch = _connection.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RowSecurity.TellAll));
        return batch;
    }
}
