using System.Globalization;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Replicas;
using TaskGrpc.Server.Storage.Postgres.Sessions;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// The first round trip of a transaction. It locks the organization's counter row before anything else, and reads what the commands will
/// need. Only the holder of that lock takes revisions and changes the organization's rows, so revisions have no gaps and become visible
/// in order.
/// </summary>
internal sealed class PostgresBegin(PostgresStoreConnection db, StoredValues values, SeenHeads heads)
{
    private const Guid[]? NoIds = null;
    private const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
    private const string Lock = "SELECT revision, compacted_revision, epoch FROM organizations WHERE id = $1 FOR UPDATE";

    private const string Found =
        $"""
        INSERT INTO organizations (id, revision, compacted_revision, epoch)
        SELECT @id, 0, 0, epoch FROM organizations WHERE id = '{OrganizationRow.Store}' ON CONFLICT (id) DO NOTHING
        """;

    // LATERAL makes the planner look up each id in the index. With `= ANY ($2)`, a plan made before the table's first ANALYZE reads all
    // rows of the organization in every commit.
    private const string Requests =
        """
        SELECT stored.request_id, stored.caller, stored.fingerprint, stored.answer, stored.created_at FROM unnest($2) AS wanted (id)
        CROSS JOIN LATERAL (SELECT * FROM requests WHERE organization_id = $1 AND request_id = wanted.id OFFSET 0) AS stored
        """;

    private readonly NpgsqlConnection _connection = db.Connection;
    private readonly bool _isSecured = db.Dialect.BeginRent is not null;
    private readonly Query _found = db.Prepare(Found, "@id");
    private readonly Query _changeEpoch = db.Prepare("UPDATE organizations SET epoch = @epoch WHERE id = @id", "@epoch", "@id");
    private readonly Query _findRequest = db.Prepare(
        "SELECT request_id, caller, fingerprint, answer, created_at FROM requests WHERE organization_id = @organization AND request_id = "
            + "@request AND caller = @caller",
        "@organization", "@request", "@caller");

    private readonly Dictionary<Table, string> _resources = Tables.Resources.ToDictionary(table => table, table =>
        $"""
        SELECT stored.id, stored.version, stored.revision, stored.updated_at, stored.body FROM unnest($2) AS wanted (id)
        CROSS JOIN LATERAL (SELECT * FROM {table.Name} WHERE organization_id = $1 AND id = wanted.id OFFSET 0) AS stored
        """);

    private readonly Dictionary<Table, string> _keys = Tables.Resources.Where(table => table.IsKeyed).ToDictionary(table => table, table =>
        $"""
        SELECT stored.external_key, stored.id FROM unnest($2) AS wanted (key)
        CROSS JOIN LATERAL (SELECT * FROM {table.Name} WHERE organization_id = $1 AND external_key = wanted.key OFFSET 0) AS stored
        """);

    private const string Leases =
        $"""
        SELECT stored.* FROM unnest($2) AS wanted (id) CROSS JOIN LATERAL (
            SELECT {LeaseRow.Columns}, resource_id FROM leases WHERE organization_id = $1 AND resource_id = wanted.id OFFSET 0) AS stored
        """;

    public Begun Run(string organizationId, Foreseen foreseen, TimeSpan? patience)
    {
        var wanted = Wanted.Of(foreseen);
        var begun = TryRun(patience is { } time ? [Begin, Patience(time)] : [Begin], organizationId, wanted);
        var hadRow = begun is not null;
        if (begun is null)
        {
            // The organization's first change. The first transaction inserts the row; then each begins again, with a row to lock.
            hadRow = _found.Execute(organizationId) == 0;
            begun = TryRun([], organizationId, wanted)
                ?? throw new InvalidOperationException("An organization's row is not there after it was made.");
        }

        return organizationId.Length > 0 && heads.HasFallen(organizationId, begun.Head, hadRow, out _)
            ? begun with { Head = InNewEpoch(begun) }
            : begun;
    }

    /// <summary>Fetches more resources into what the transaction knows, in one round trip.</summary>
    public void Fetch(Begun begun, Table table, Guid[] ids)
    {
        using var batch = _connection.CreateBatch();
        Add(batch, _resources[table], begun.OrganizationId, ids);
        using var reader = batch.ExecuteReader();
        ReadResources(reader, begun, table, ids);
    }

    public RequestRow? FindRequest(Guid requestId, string organizationId, string caller)
    {
        using var reader = _findRequest.Read(organizationId, requestId, caller);
        return reader.Read() ? Request(reader, organizationId) : null;
    }

    private static string Patience(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = {(long)time.TotalMilliseconds}");

    private Begun? TryRun(ReadOnlySpan<string> begin, string organizationId, Wanted wanted)
    {
        using var batch = _connection.CreateBatch();
        foreach (var statement in begin)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        var isOwnWork = organizationId.Length == 0;
        if (_isSecured)
        {
            Add(batch, isOwnWork ? RowSecurity.TellAll : RowSecurity.TellOwn, isOwnWork ? null : organizationId, NoIds);
        }

        if (isOwnWork)
        {
            batch.ExecuteNonQuery();
            return Begun.Nothing;
        }

        Add(batch, Lock, organizationId, NoIds);
        if (wanted.Requests.Length > 0)
        {
            Add(batch, Requests, organizationId, wanted.Requests);
        }

        foreach (var (table, ids) in wanted.Resources)
        {
            Add(batch, _resources[table], organizationId, ids);
        }

        foreach (var (table, keys) in wanted.Keys)
        {
            Add(batch, _keys[table], organizationId, keys);
        }

        if (wanted.Leases.Length > 0)
        {
            Add(batch, Leases, organizationId, wanted.Leases);
        }

        using var reader = batch.ExecuteReader();
        if (_isSecured)
        {
            reader.NextResult();
        }

        return Read(reader, organizationId, wanted);
    }

    private Begun? Read(NpgsqlDataReader reader, string organizationId, Wanted wanted)
    {
        if (!reader.Read())
        {
            return null;
        }

        var head = new LogHead(reader.GetInt64(0), reader.GetInt64(1), reader.GetGuid(2));
        var begun = new Begun(organizationId, head, [.. wanted.Requests], [], [], [], []);
        if (wanted.Requests.Length > 0)
        {
            reader.NextResult();
            while (reader.Read())
            {
                var request = Request(reader, organizationId);
                begun.Requests[(request.RequestId, request.Caller)] = request;
            }
        }

        foreach (var (table, ids) in wanted.Resources)
        {
            reader.NextResult();
            ReadResources(reader, begun, table, ids);
        }

        foreach (var (table, keys) in wanted.Keys)
        {
            reader.NextResult();
            Array.ForEach(keys, key => begun.Keys[(table, key)] = null);
            while (reader.Read())
            {
                begun.Keys[(table, reader.GetString(0))] = reader.GetGuid(1);
            }
        }

        if (wanted.Leases.Length > 0)
        {
            reader.NextResult();
            Array.ForEach(wanted.Leases, id => begun.Leases[id] = null);
            while (reader.Read())
            {
                var id = reader.GetGuid(LeaseRow.ColumnCount);
                begun.Leases[id] = LeaseRow.Of(reader, values, organizationId, id);
            }
        }

        return begun;
    }

    private void ReadResources(NpgsqlDataReader reader, Begun begun, Table table, Guid[] ids)
    {
        foreach (var id in ids)
        {
            begun.Resources[(table, id)] = null;
        }

        while (reader.Read())
        {
            begun.Resources[(table, reader.GetGuid(0))] =
                new StoredBody(reader.GetInt64(1), reader.GetInt64(2), values.Moment(reader, 3), reader.GetFieldValue<byte[]>(4));
        }
    }

    /// <summary>The log has lost its end, for example by failover to a lagging standby, so a new history begins.</summary>
    private LogHead InNewEpoch(Begun begun)
    {
        var epoch = Guid.NewGuid();
        _changeEpoch.Execute(epoch, begun.OrganizationId);
        return begun.Head with { Epoch = epoch };
    }

    private static void Add<T>(NpgsqlBatch batch, string sql, string? organizationId, T[]? wanted)
    {
        var command = new NpgsqlBatchCommand(sql);
        if (organizationId is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = organizationId });
        }

        if (wanted is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = wanted });
        }

        batch.BatchCommands.Add(command);
    }

    private RequestRow Request(System.Data.Common.DbDataReader reader, string organizationId) => new()
    {
        RequestId = reader.GetGuid(0),
        OrganizationId = organizationId,
        Caller = reader.GetString(1),
        Fingerprint = reader.GetFieldValue<byte[]>(2),
        Answer = reader.GetFieldValue<byte[]>(3),
        CreatedAt = values.Moment(reader, 4),
    };
}
