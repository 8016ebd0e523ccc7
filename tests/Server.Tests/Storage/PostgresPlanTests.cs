using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>
/// Reads PostgreSQL's generic plan for the lists and counts that have an index, with the settings of the server's sessions.
/// </summary>
public sealed class PostgresPlanTests : IDisposable
{
    private const int Rows = 5000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lists_counts_and_look_ups_by_key_Are_ranges_of_their_index()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await using var server = await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(database));
        using (var client = server.Client("org"))
        {
            await client.CreateAgentTaskAsync();
            await client.CreateBoardTaskAsync();
            await client.TriggerAsync(await client.CreateMonitorTaskAsync());
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(await client.CreateFlowExecutionAsync()));
        }

        foreach (var table in Tables.Resources)
        {
            await cluster.ExecuteAsync(Copies(table.Postgres), database);
            await cluster.ExecuteAsync($"VACUUM ANALYZE {table.Name}", database);
        }

        await cluster.ExecuteAsync(
            "INSERT INTO board_task_blockers SELECT CASE WHEN n % 10 = 0 THEN 'org' ELSE 'other' END, gen_random_uuid(), "
            + $"md5((n % 500)::text)::uuid FROM generate_series(1, {Rows}) AS n", database);
        await cluster.ExecuteAsync("VACUUM ANALYZE board_task_blockers", database);

        using var db = server.Services.GetRequiredService<TaskStore>().Connect();
        using var reader = new StoreReader(db);
        reader.BeginRent("org");
        var tokens = server.Services.GetRequiredService<PageTokens>();
        foreach (var (index, ordered, read) in Reads(reader, tokens))
        {
            var plan = PlanOf((NpgsqlConnection)db.Connection, read);
            TestContext.Current.TestOutputHelper?.WriteLine($"{index}\n{plan}");
            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.Contains($"\"IX_{index}", plan, StringComparison.Ordinal);
            Assert.True(!ordered || !plan.Contains("Sort", StringComparison.Ordinal), plan);
        }
    }

    /// <summary>Each read with the index that it must use, and whether that index must give its order too.</summary>
    private static IEnumerable<(string Index, bool Ordered, Action Read)> Reads(StoreReader reader, PageTokens tokens)
    {
        var (agents, boards, deliveries, executions) =
            (new AgentTaskKind(), new BoardTaskKind(), new DeliveryKind(), new TaskExecutionKind());
        Action Agents(string filter, string order = "") => () => agents.List(reader, tokens, Query(filter) with { OrderBy = order });
        Action Boards(string filter) => () => boards.List(reader, tokens, Query(filter));
        yield return ("agent_tasks_organization_id_created_at_id", true, Agents(""));
        yield return ("agent_tasks_organization_id_created_at_id", true, Agents("created_at > \"2030-01-01T00:00:00Z\""));
        yield return ("agent_tasks_organization_id_status_", true, Agents("status = QUEUED"));
        yield return ("agent_tasks_organization_id_external_key", false, Agents("external_key = \"k\""));
        yield return ("agent_tasks_organization_id_assigned_agent_role_", true, Agents("assigned_agent_role = \"r\""));
        yield return ("agent_tasks_organization_id_entity_id_", true, Agents("entity_type = \"order\" AND entity_id = \"42\""));
        yield return ("agent_tasks_organization_id_workspace_id_", true, Agents("workspace_id = \"w\""));
        yield return ("agent_tasks_organization_id_due_at_id", false, Agents("due_at < \"2030-01-01T00:00:00Z\"", "due_at"));
        // Conditions without an index of their own are tested along the list's order.
        const string unindexed =
            "title = \"*x*\" AND title != \"y*\" AND metadata.k = \"*z\" AND metadata.n > 1 AND NOT metadata.f = true";
        yield return ("agent_tasks_organization_id_created_at_id", true, Agents(unindexed));
        yield return ("board_tasks_organization_id_external_key", false, Boards("external_key = \"k\""));
        yield return ("board_tasks_organization_id_assigned_to_type_id_", true, Boards("assigned_to_type_id = \"t\""));
        yield return ("board_tasks_organization_id_assigned_to_user_id_", true, Boards("assigned_to_user_id = \"u\""));
        yield return ("board_tasks_organization_id_correlation_bucket_id_", true, Boards("correlation_bucket_id = \"c\""));
        var blockers = reader.Statements<BlockerStatements>();
        yield return ("board_task_blockers_organization_id_blocker_id", false, () => blockers.TargetsOf("org", Guid.Empty));
        yield return ("board_task_blockers_organization_id_blocker_id", true, () => blockers.HasMostTargets("org", Guid.Empty));
        var blocked = Query("") with { Narrow = text => BlockerStatements.NarrowToBlocked(text, Guid.Empty) };
        yield return ("board_task_blockers_organization_id_blocker_id", false, () => boards.List(reader, tokens, blocked));
        yield return ("monitor_tasks_organization_id_external_key", false,
            () => new MonitorTaskKind().List(reader, tokens, Query("external_key = \"k\"")));
        yield return ("flow_executions_organization_id_external_key", false,
            () => new FlowExecutionKind().List(reader, tokens, Query("external_key = \"k\"")));
        yield return ("flow_executions_organization_id_workflow_id_", true,
            () => new FlowExecutionKind().List(reader, tokens, Query("workflow_id = w")));
        yield return (
            "deliveries_organization_id_task_id_", true, () => deliveries.List(reader, tokens, Query($"task_id = \"{Guid.Empty}\"")));
        var ofFlow = Query($"flow_execution_id = \"{Guid.Empty}\"");
        yield return ("task_executions_organization_id_flow_execution_id_created", true, () => executions.List(reader, tokens, ofFlow));
        yield return ("agent_tasks_organization_id_status_", true, () => agents.Count(reader, "", ["status"], showDeleted: false));
        yield return ("agent_tasks_organization_id_status_", true, () => agents.Count(reader, "status = QUEUED", [], showDeleted: false));
    }

    private static ListQuery Query(string filter) => new() { PageSize = 10, OrderBy = "", PageToken = "", Binding = "", Filter = filter };

    private static string Copies(TableForm table)
    {
        var values = table.Columns.Select(column => column.Name switch
        {
            "id" => "gen_random_uuid()",
            "organization_id" => "CASE WHEN n % 10 = 0 THEN organization_id ELSE 'other' END",
            "created_at" => "created_at + n * interval '1 s'",
            "status" => "n % 3 + 1",
            "task_id" or "flow_execution_id" => "gen_random_uuid()",
            "workspace_id" => "CASE WHEN n % 20 = 0 THEN (n % 100)::text WHEN n % 10 = 0 THEN organization_id ELSE 'other' END",
            "workflow_id" or "assigned_to_type_id" or "assigned_to_user_id" or "correlation_bucket_id" => "(n % 50)::text",
            "external_key" => "CASE WHEN n % 2 = 0 THEN n::text END",
            "assigned_agent_role" => "CASE WHEN n % 3 = 0 THEN (n % 50)::text END",
            var other => other,
        });
        var name = table.Table.Name;
        return $"INSERT INTO {name} ({TableForm.Names(table.Columns)}) SELECT {string.Join(", ", values)} FROM {name}, "
            + $"generate_series(1, {Rows}) AS n";
    }

    /// <summary>The generic plan of the question that a read asks, which Npgsql prepares when it is asked for the second time.</summary>
    private static string PlanOf(NpgsqlConnection connection, Action read)
    {
        var known = Prepared(connection);
        read();
        read();
        var (name, places) = Prepared(connection).Except(known).Single(statement => statement.Places > 1);
        var nulls = string.Join(", ", Enumerable.Repeat("NULL", places));
        using var generic =
            new NpgsqlCommand($"SET plan_cache_mode = force_generic_plan; EXPLAIN EXECUTE \"{name}\" ({nulls})", connection);
        using var rows = generic.ExecuteReader();
        var steps = new List<string>();
        while (rows.Read())
        {
            steps.Add(rows.GetString(0));
        }

        return string.Join('\n', steps);
    }

    private static List<(string Name, int Places)> Prepared(NpgsqlConnection connection)
    {
        const string questions = "statement LIKE '%LIMIT%' OR statement LIKE '%count(*)%'";
        using var names = new NpgsqlCommand(
            $"SELECT name, coalesce(array_length(parameter_types, 1), 0) FROM pg_prepared_statements WHERE {questions}", connection);
        using var rows = names.ExecuteReader();
        var found = new List<(string, int)>();
        while (rows.Read())
        {
            found.Add((rows.GetString(0), rows.GetInt32(1)));
        }

        return found;
    }
}
