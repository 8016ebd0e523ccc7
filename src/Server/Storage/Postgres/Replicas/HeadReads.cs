using System.Security.Cryptography;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Sessions;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>Reads the heads of many logs over its own connection, so that no list or commit delays it. Not thread-safe.</summary>
internal sealed class HeadReads(PostgresStore store, SeenHeads seen) : IDisposable
{
    /// <summary>The query reads a few index entries; anything slower is an outage.</summary>
    private const int TimeoutSeconds = 2;

    private const string Heads = "SELECT id, revision, compacted_revision, epoch FROM organizations WHERE id = ANY ($1)";
    // If a log has lost all its changes, this inserts its row. Otherwise the next change would start with the store's epoch again, and old
    // tokens would be valid.
    private const string ChangeEpoch =
        """
        INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES ($2, 0, 0, $1)
        ON CONFLICT (id) DO UPDATE SET epoch = $1 WHERE organizations.epoch = $3 AND organizations.revision < $4
        """;

    private const string Write =
        "INSERT INTO requests (organization_id, request_id, caller, fingerprint, answer, created_at) VALUES ('', $1, '', '', $2, now())";

    /// <summary>
    /// Large enough that the table or the WAL must grow on disk. The bytes are random, so that PostgreSQL cannot compress them.
    /// </summary>
    private const int WriteBytes = 256 * 1024;

    private NpgsqlConnection? _connection;

    /// <inheritdoc cref="SharedStore.HeadsAsync"/>
    public async Task<IReadOnlyDictionary<string, LogHead>> ReadAsync(
        IReadOnlyCollection<(string OrganizationId, LogHead Head)> shown, CancellationToken cancellationToken)
    {
        foreach (var (organization, head) in shown)
        {
            // The log must still have what the watches of this replica have read.
            seen.Note(organization, head);
        }

        try
        {
            var heads = await HeadsAsync([.. shown.Select(item => item.OrganizationId), OrganizationRow.Store], cancellationToken);
            foreach (var (organization, _) in shown)
            {
                var hadRow = heads.TryGetValue(organization, out var own);
                var head = hadRow ? own : heads[OrganizationRow.Store];
                heads[organization] = seen.HasFallen(organization, head, hadRow, out var highest)
                    ? await InNewEpochAsync(organization, head.Epoch, highest, cancellationToken)
                    : head;
            }

            return heads;
        }
        catch
        {
            // The failure has probably broken the idle connections too.
            if (_connection is not null)
            {
                store.DiscardIdle();
                Dispose();
            }

            throw;
        }
    }

    /// <summary>Writes as many bytes as a large change has, and rolls back, to see whether there is room.</summary>
    /// <exception cref="NpgsqlException">There is no room.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = await BatchAsync(cancellationToken);
            batch.BatchCommands.Insert(0, new NpgsqlBatchCommand("BEGIN"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Write)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = Guid.NewGuid() },
                    new NpgsqlParameter<byte[]> { TypedValue = RandomNumberGenerator.GetBytes(WriteBytes) } },
            });
            batch.BatchCommands.Add(new NpgsqlBatchCommand("ROLLBACK"));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection; the next read opens another.</summary>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private async Task<Dictionary<string, LogHead>> HeadsAsync(string[] organizations, CancellationToken cancellationToken)
    {
        await using var batch = await BatchAsync(cancellationToken);
        batch.BatchCommands.Add(DatabaseRequirements.WritableCommand());
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(Heads) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = organizations } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (DatabaseRequirements.WhyNotWritable(reader) is { } reason)
        {
            // With several hosts, another one may be the primary by now: the next attempt looks for it.
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

    /// <summary>Sets a new epoch, unless the head has reached the seen revision by now or another replica has set one.</summary>
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
        return (await HeadsAsync([organization], cancellationToken))[organization];
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
