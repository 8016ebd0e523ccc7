using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SQLitePCL;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.Server.Resources.Work;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Reads SQLite's plan for each statement, and finds indexes that no statement uses.</summary>
public sealed class QueryPlanTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestServer? _server;

    private SqliteStoreConnection Store => new($"Data Source={Path.Combine(_folder.Path, "taskgrpc.db")}");

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public void Every_index_Is_used_by_a_query_and_no_common_query_sorts_or_scans()
    {
        ListedRows due;
        List<(string Sql, string Steps)> plans;
        var tokens = _server!.Services.GetRequiredService<PageTokens>();
        var read = Store;
        var connection = read.Connection;
        connection.Handle!.enable_sqlite3_next_stmt(true);
        using (var reader = new StoreReader(read))
        {
            reader.BeginRent("org");
            var agentTasks = new AgentTaskKind();
            var first = agentTasks.List(reader, tokens, Query(""));
            agentTasks.List(reader, tokens,
                Query(tokens.Seal(
                    new PageToken(BindingOf(agentTasks, reader), 0, "",
                        [KeysetKey.Encode(DateTimeOffset.UnixEpoch), KeysetKey.Encode(Guid.NewGuid())]))));
            Assert.Empty(first.Bodies);
            new BoardTaskKind().List(reader, tokens, Query(""));
            foreach (var filter in new[] { "status = QUEUED", "assigned_agent_role = \"r\"",
                "entity_type = \"order\" AND entity_id = \"42\"", "workspace_id = \"w\"",
                "status = QUEUED AND assigned_agent_role = \"r\"", "created_at > \"2030-01-01T00:00:00Z\"" })
            {
                agentTasks.List(reader, tokens, Query("") with { Filter = filter });
            }

            foreach (var filter in new[] { "status = BACKLOG", "assigned_to_type_id = \"t\"", "assigned_to_instance_id = \"i\"",
                "assigned_to_user_id = \"u\"", "correlation_bucket_id = \"c\"" })
            {
                new BoardTaskKind().List(reader, tokens, Query("") with { Filter = filter });
            }

            foreach (var kind in Kinds.All)
            {
                kind.Count(reader, "", ["status"], showDeleted: false);
            }

            agentTasks.Count(reader, "status = QUEUED", [], showDeleted: false);
            agentTasks.List(reader, tokens, Query("") with { Filter = "external_key = \"k\"" });
            new BoardTaskKind().List(reader, tokens, Query("") with { Filter = "external_key = \"k\"" });
            new MonitorTaskKind().List(reader, tokens, Query("") with { Filter = "external_key = \"k\"" });
            new FlowExecutionKind().List(reader, tokens, Query("") with { Filter = "external_key = \"k\"" });
            agentTasks.List(reader, tokens, Query("") with { Filter = "title = \"*x*\" AND metadata.k = \"*y\" AND NOT metadata.n > 1" });
            new MonitorTaskKind().List(reader, tokens, Query(""));
            new MonitorTaskKind().List(reader, tokens, Query("") with { Filter = "status = ACTIVE" });
            new FlowExecutionKind().List(reader, tokens, Query(""));
            new FlowExecutionKind().List(reader, tokens, Query("") with { Filter = "status = RUNNING" });
            new FlowExecutionKind().List(reader, tokens, Query("") with { Filter = "workflow_id = restock" });
            foreach (var filter in new[] { "", "status = RETRYING", "target.channel = ops", $"task_id = \"{Guid.Empty}\"",
                $"task_id = \"{Guid.Empty}\" AND status = DEAD" })
            {
                new DeliveryKind().List(reader, tokens, Query("") with { Filter = filter });
            }

            foreach (var filter in new[] { "", "status = RUNNING", $"flow_execution_id = \"{Guid.Empty}\"",
                $"flow_execution_id = \"{Guid.Empty}\" AND status = QUEUED" })
            {
                new TaskExecutionKind().List(reader, tokens, Query("") with { Filter = filter });
            }

            Assert.Null(reader.Statements<TaskExecutionStatements>().ByKey("org", Guid.NewGuid(), "fetch", null));
            Assert.Null(reader.Statements<TaskExecutionStatements>().ByKey("org", Guid.NewGuid(), "fetch", 7));
            agentTasks.Snapshot(reader, "status = QUEUED", showDeleted: false, 1, after: null);
            agentTasks.Snapshot(
                reader, "status = QUEUED", showDeleted: true, 1, new SnapshotRow(DateTimeOffset.UnixEpoch, Guid.NewGuid(), 1, []));
            due = agentTasks.List(reader, tokens, Query("") with { Filter = "due_at < \"2030-01-01T00:00:00Z\"", OrderBy = "due_at" });
            new BoardTaskKind()
                .List(reader, tokens, Query("") with { Narrow = text => SubtaskStatements.NarrowToParents(text, Guid.NewGuid()) });
            new BoardTaskKind()
                .List(reader, tokens, Query("") with { Narrow = text => SubtaskStatements.NarrowToSubtasks(text, Guid.NewGuid()) });
            new BoardTaskKind()
                .List(reader, tokens, Query("") with { Narrow = text => BlockerStatements.NarrowToBlockers(text, Guid.NewGuid()) });
            new BoardTaskKind()
                .List(reader, tokens, Query("") with { Narrow = text => BlockerStatements.NarrowToBlocked(text, Guid.NewGuid()) });
            plans = Prepared(connection);
        }

        // Neighbours are few and found by their edges, then sorted.
        var neighbours = plans.Where(plan => plan.Sql.Contains("FROM board_task_", StringComparison.Ordinal)).ToList();
        Assert.All(neighbours, plan => Assert.DoesNotContain("IX_board_tasks_organization_id", plan.Steps, StringComparison.Ordinal));
        Assert.NotEmpty(neighbours);
        // Tasks due before a time are one range of the index, sorted because of the tasks without a date.
        Assert.Empty(due.Bodies);
        var dated = plans.Where(plan => plan.Sql.Contains("due_at <", StringComparison.Ordinal)).ToList();
        Assert.Contains("IX_agent_tasks_organization_id_due_at_id (organization_id=? AND due_at>? AND due_at<?)",
            Assert.Single(dated).Steps, StringComparison.Ordinal);
        Assert.All(plans.Except(neighbours).Except(dated), plan =>
        {
            Assert.DoesNotContain("SCAN", plan.Steps, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan.Steps, StringComparison.Ordinal);
        });
        // A count by status reads the index alone, and a key finds its one row.
        var counts = plans.Where(plan => plan.Sql.Contains("count(*)", StringComparison.Ordinal)).ToList();
        Assert.Equal(Kinds.All.Count + 1, counts.Count);
        Assert.All(counts, plan =>
            Assert.Matches("USING COVERING INDEX IX_[a-z_]+_organization_id_status_created_at_id_deleted", plan.Steps));
        var keyed = plans.Where(plan => plan.Sql.Contains("external_key =", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, keyed.Count);
        Assert.All(keyed, plan => Assert.Contains("(organization_id=? AND external_key=?)", plan.Steps, StringComparison.Ordinal));
        // The page after a key is a range of the index, not a walk over everything before it.
        Assert.Contains(
            "organization_id=? AND (created_at,id)<(?,?)", string.Concat(plans.Select(plan => plan.Steps)), StringComparison.Ordinal);

        var statements = string.Concat(plans.Select(plan => plan.Steps)) + PlansOfPreparedStatements();
        using var db = Store;
        using var names = new Query(db.Connection, "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'IX_%'");
        using var found = names.Read();
        var indexes = new List<string>();
        while (found.Read())
        {
            indexes.Add(found.GetString(0));
        }

        Assert.NotEmpty(indexes);
        Assert.All(indexes, index => Assert.Contains(index, statements + PlansOfWork(), StringComparison.Ordinal));
    }

    /// <summary>Claims read along the index of ready rows, whatever the filter; leases are found by their own.</summary>
    private string PlansOfWork()
    {
        var read = Store;
        read.Connection.Handle!.enable_sqlite3_next_stmt(true);
        using var reader = new StoreReader(read);
        reader.BeginRent("org");
        var options = Options.Create(new WorkOptions());
        var agents = new AgentTaskWork(new AgentTaskKind(), options);
        var boards = new BoardTaskWork(new BoardTaskKind(), options);
        var executions = new TaskExecutionWork(new TaskExecutionKind(), new FlowExecutionKind());
        Ask(text => ReadyRows.Next(text, agents, "", after: null, filter: null, 10));
        Ask(text => ReadyRows.Next(text, agents, "", [1, DateTimeOffset.UnixEpoch, Guid.NewGuid()], filter: null, 10));
        Ask(text => ReadyRows.Next(text, boards, "u", [1, DateTimeOffset.UnixEpoch, Guid.NewGuid()], filter: null, 10));
        Ask(text => ReadyRows.Next(text, executions, "", [DateTimeOffset.UnixEpoch, Guid.NewGuid()], filter: null, 10));
        Ask(text => ReadyRows.Matching(text, agents, null, agents.Kind.Columns.Filters.Parse("title = \"x*\""), 10));
        var plans = Prepared(read.Connection);
        Assert.Equal(5, plans.Count);
        Assert.All(plans, plan =>
        {
            Assert.Matches("SEARCH [a-z_]+ USING INDEX IX_[a-z_]+_organization_id_ready_for_[a-z_]+ ", plan.Steps);
            Assert.DoesNotContain("TEMP B-TREE", plan.Steps, StringComparison.Ordinal);
        });
        Ask(text => ReadyRows.Next(text, agents, "", after: null, agents.Kind.Columns.Filters.Parse("task_type = t"), 10));
        new LeaseList<AgentTask>(agents.Kind, _server!.Services.GetRequiredService<PageTokens>(), new ListLeasesRequest()).Read(reader);
        return string.Concat(Prepared(read.Connection).Select(plan => plan.Steps));

        void Ask(Func<SqlText, SqlText> question)
        {
            using var rows = reader.Read(question(reader.NewList()));
            Assert.False(rows.Read());
        }
    }

    /// <summary>The statements of StoreReader, StoreWriter and the kinds, as they have them.</summary>
    private string PlansOfPreparedStatements()
    {
        using var db = Store;
        var connection = db.Connection;
        string[] statements =
        [
            "SELECT body FROM changes WHERE organization_id = 'o' AND (revision, ordinal) > (1, 2) ORDER BY revision, ordinal LIMIT 5",
            "SELECT body FROM changes WHERE sequence IN (SELECT sequence FROM changes WHERE resource_id IN (x'00', x'01') AND "
                + "organization_id || '' = 'o' AND revision >= 1 AND (revision > 1 OR ordinal > 2) ORDER BY revision, ordinal LIMIT 5) "
                + "ORDER BY revision, ordinal",
            "SELECT answer FROM requests WHERE request_id = x'00' AND organization_id = 'o' AND caller = 'c'",
            "SELECT body FROM changes WHERE resource_id = x'00' AND revision > 1 AND organization_id || '' = 'o' ORDER BY revision, "
                + "ordinal LIMIT 1",
            "SELECT sequence, changed_at FROM changes WHERE sequence > 0 ORDER BY sequence LIMIT 500",
            "SELECT parent_id FROM board_task_subtasks WHERE child_id = x'00' ORDER BY parent_id",
            "SELECT id FROM deliveries WHERE task_id = x'00' AND trigger_key = 'k' AND organization_id || '' = 'o'",
            "SELECT due_at, coalesce(tries, 0), coalesce(cut_short, 0) FROM schedule LEFT JOIN delivery_tries ON "
                + "delivery_tries.organization_id = 'o' AND delivery_id = resource_id WHERE schedule.organization_id = 'o' AND "
                + "resource_id = x'00' AND purpose = 1",
            "SELECT due_at FROM schedule WHERE held = FALSE AND purpose = 1 AND organization_id = 'o' AND group_name = 'e' ORDER BY "
                + "due_at LIMIT 1",
            "SELECT resource_id, due_at FROM schedule WHERE held = FALSE AND purpose = 1 AND organization_id = 'o' AND group_name = 'e' "
                + "AND due_at <= 5 ORDER BY due_at LIMIT 8",
            "SELECT token FROM leases WHERE organization_id = 'o' AND resource_id = x'00'",
            "SELECT kind FROM cascades WHERE organization_id = 'o' AND resource_id = x'00'",
            "UPDATE schedule SET held = 1 WHERE organization_id = 'o' AND purpose = 1 AND resource_id IN (SELECT id FROM deliveries "
                + "WHERE organization_id = 'o' AND task_id = x'00' AND status IN (1, 2, 4))",
            "SELECT created_at, id FROM deliveries WHERE organization_id = 'o' AND task_id = x'00' AND (created_at, id) > (5, x'00') AND "
                + "status IN (1, 2, 4) AND status <> 2 ORDER BY created_at, id LIMIT 1001",
            "SELECT created_at, id FROM task_executions WHERE organization_id = 'o' AND flow_execution_id = x'00' AND (created_at, id) > "
                + "(5, x'00') AND status IN (1, 2) ORDER BY created_at, id LIMIT 1001",
            "SELECT max(task_execution_index) FROM task_executions WHERE organization_id = 'o' AND flow_execution_id = x'00' AND "
                + "task_name = 'n'",
            "SELECT body FROM task_executions WHERE organization_id = 'o' AND flow_execution_id = x'00' AND task_name = 'n' AND status = "
                + "3 ORDER BY task_execution_index DESC LIMIT 1",
            "SELECT id FROM agent_tasks WHERE organization_id = 'o' AND external_key = 'k'",
            "SELECT id FROM signing_secrets WHERE organization_id = 'o' ORDER BY created_at DESC, id DESC LIMIT 5",
            .. new[] { "agent_tasks", "board_tasks", "monitor_tasks",
                "flow_executions" }.Select(table => $"SELECT id FROM {table} WHERE organization_id = 'o' AND external_key = 'k'"),
        ];
        var explained = statements.Select(sql => Explain(connection, sql)).ToArray();
        Assert.All(explained, plan => Assert.DoesNotContain("SCAN", plan, StringComparison.Ordinal));
        Assert.DoesNotContain("TEMP B-TREE", explained[0], StringComparison.Ordinal);
        // The next step of a cascade reads on from the last one, and the open deliveries of a task are found among any number of others.
        Assert.All(explained.Where(plan => plan.Contains("(created_at,id)>(?,?)", StringComparison.Ordinal)),
            plan => Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal));
        Assert.Equal(2, explained.Count(plan => plan.Contains("IX_deliveries_open", StringComparison.Ordinal)));
        // One step along the index for each place; a scan of an index would visit every due delivery.
        var places = Explain(connection,
            "SELECT organization_id, group_name FROM schedule WHERE held = FALSE AND purpose = 1 AND (organization_id, group_name) > "
            + "('o', 'e') ORDER BY organization_id, group_name LIMIT 1");
        Assert.Contains(
            "SEARCH schedule USING COVERING INDEX IX_schedule_purpose_organization_id_group_name_due_at (purpose=? AND "
            + "(organization_id,group_name)>(?,?))", places, StringComparison.Ordinal);
        Assert.Contains(explained, plan => plan.Contains(
            "SEARCH leases USING PRIMARY KEY (organization_id=? AND resource_id=?)", StringComparison.Ordinal));
        Assert.Contains("IX_changes_resource_id_revision", explained[1], StringComparison.Ordinal);
        return string.Concat(explained);
    }

    private static ListQuery Query(string token) => new() { PageSize = 10, OrderBy = "", PageToken = token, Binding = "" };

    private static string BindingOf(AgentTaskKind kind, StoreReader reader)
    {
        _ = kind;
        return PageToken.Bind(
            nameof(AgentTaskRow), reader.OrganizationId, "", "", "False", "Term { Field = created_at, Descending = True }");
    }

    /// <summary>The SELECT statements that a connection has prepared, with their plans.</summary>
    private static List<(string Sql, string Steps)> Prepared(SqliteConnection connection)
    {
        var prepared = new List<string>();
        for (var statement = raw.sqlite3_next_stmt(
            connection.Handle, null); statement is not null; statement = raw.sqlite3_next_stmt(connection.Handle, statement))
        {
            prepared.Add(raw.sqlite3_sql(statement).utf8_to_string());
        }

        return [.. prepared.Where(sql => sql.StartsWith("SELECT", StringComparison.Ordinal))
            .Select(sql => (sql, Explain(connection, sql)))];
    }

    private static string Explain(SqliteConnection connection, string sql)
    {
        using var explain = connection.CreateCommand();
        explain.CommandText = "EXPLAIN QUERY PLAN " + sql;
        using var reader = explain.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        return string.Join('\n', steps) + '\n';
    }
}
