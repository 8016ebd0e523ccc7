using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests;

// The suite is written once; here it runs on SQLite.
public sealed class AgentTaskLifecycleOnSqlite(SqliteServer server) : AgentTasks.AgentTaskLifecycleTests(server),
    IClassFixture<SqliteServer>;

public sealed class AgentTaskApprovalOnSqlite(SqliteServer server) : AgentTasks.AgentTaskApprovalTests(server),
    IClassFixture<SqliteServer>;

public sealed class CreationOnSqlite(SqliteServer server) : Conventions.CreationTests(server), IClassFixture<SqliteServer>;

public sealed class LimitsOnSqlite(SqliteServer server) : Conventions.LimitTests(server), IClassFixture<SqliteServer>;

public sealed class KindLimitsOnSqlite(SqliteServer server) : Conventions.KindLimitTests(server), IClassFixture<SqliteServer>;

public sealed class PresenceOnSqlite(SqliteServer server) : Conventions.PresenceTests(server), IClassFixture<SqliteServer>;

public sealed class MomentsOnSqlite(SqliteServer server) : Conventions.MomentTests(server), IClassFixture<SqliteServer>;

public sealed class RequiredTextOnSqlite(SqliteServer server) : Conventions.RequiredTextTests(server), IClassFixture<SqliteServer>;

public sealed class InitialStatusOnSqlite(SqliteServer server) : Conventions.InitialStatusTests(server), IClassFixture<SqliteServer>;

public sealed class ViolationsOnSqlite(SqliteServer server) : Conventions.ViolationTests(server), IClassFixture<SqliteServer>;

public sealed class UpdatesOnSqlite(SqliteServer server) : Conventions.UpdateTests(server), IClassFixture<SqliteServer>;

public sealed class RequestIdsOnSqlite(SqliteServer server) : Conventions.RequestIdTests(server), IClassFixture<SqliteServer>;

public sealed class TenancyOnSqlite(SqliteServer server) : Conventions.TenancyTests(server), IClassFixture<SqliteServer>;

public sealed class ListsOnSqlite(SqliteServer server) : Conventions.ListTests(server), IClassFixture<SqliteServer>;

public sealed class BoardTasksOnSqlite(SqliteServer server) : BoardTasks.BoardTaskTests(server), IClassFixture<SqliteServer>;

public sealed class SubtaskLimitsOnSqlite(SqliteServer server, ITestOutputHelper output) : BoardTasks.SubtaskLimitTests(server, output),
    IClassFixture<SqliteServer>;

public sealed class SubtasksOnSqlite(SqliteServer server) : BoardTasks.SubtaskTests(server), IClassFixture<SqliteServer>;

public sealed class MonitorTasksOnSqlite(SqliteServer server) : MonitorTasks.MonitorTaskTests(server), IClassFixture<SqliteServer>;

public sealed class TargetsOnSqlite(SqliteServer server) : Deliveries.TargetTests(server), IClassFixture<SqliteServer>;

public sealed class DefinitionsOnSqlite(SqliteServer server) : FlowExecutions.DefinitionTests(server), IClassFixture<SqliteServer>;

public sealed class WebhooksOnSqlite(SqliteServer server) : Deliveries.WebhookTests(server), IClassFixture<SqliteServer>;

public sealed class DeliveriesOnSqlite(SqliteServer server) : Deliveries.DeliveryTests(server), IClassFixture<SqliteServer>;

public sealed class FlowExecutionsOnSqlite(SqliteServer server) : FlowExecutions.FlowExecutionTests(server), IClassFixture<SqliteServer>;

public sealed class BatchPrecedenceOnSqlite(SqliteServer server) : TaskExecutions.BatchPrecedenceTests(server),
    IClassFixture<SqliteServer>;

public sealed class RetriesOnSqlite(SqliteServer server) : TaskExecutions.RetryTests(server), IClassFixture<SqliteServer>;

public sealed class TaskExecutionsOnSqlite(SqliteServer server) : TaskExecutions.TaskExecutionTests(server), IClassFixture<SqliteServer>;

public sealed class InputsOnSqlite(SqliteServer server) : TaskExecutions.InputTests(server), IClassFixture<SqliteServer>;

public sealed class WatchesOnSqlite(SqliteServer server) : Changes.WatchTests(server), IClassFixture<SqliteServer>;

public sealed class ListChangesOnSqlite(SqliteServer server) : Changes.ListChangesTests(server), IClassFixture<SqliteServer>;

public sealed class ErrorDetailsOnSqlite(SqliteServer server) : Hosting.ErrorDetailTests(server), IClassFixture<SqliteServer>;

public sealed class ReflectionOnSqlite(SqliteServer server) : Hosting.ReflectionTests(server), IClassFixture<SqliteServer>;

public sealed class HealthOnSqlite(SqliteServer server) : Hosting.HealthTests(server), IClassFixture<SqliteServer>;

public sealed class FiltersOnSqlite(SqliteServer server) : Filters.FilterTests(server), IClassFixture<SqliteServer>;

public sealed class FilterLiteralsOnSqlite(SqliteServer server) : Filters.FilterLiteralTests(server), IClassFixture<SqliteServer>;

public sealed class JsonValuesOnSqlite(SqliteServer server) : Filters.JsonValueTests(server), IClassFixture<SqliteServer>;

public sealed class KindFiltersOnSqlite(SqliteServer server) : Filters.KindFilterTests(server), IClassFixture<SqliteServer>;

public sealed class FilteredWatchesOnSqlite(SqliteServer server) : Changes.FilteredWatchTests(server), IClassFixture<SqliteServer>;

public sealed class ShowDeletedOnSqlite(SqliteServer server) : Changes.ShowDeletedTests(server), IClassFixture<SqliteServer>;

public sealed class EndingWatchesOnSqlite(SqliteServer server) : Changes.EndingWatchTests(server), IClassFixture<SqliteServer>;

public sealed class SnapshotsOnSqlite(SqliteServer server) : Changes.SnapshotTests(server), IClassFixture<SqliteServer>;

public sealed class CompactionOnSqlite(SqliteServer server) : Changes.CompactionTests(server), IClassFixture<SqliteServer>;

public sealed class DatabaseRefusalsOnSqlite(SqliteServer server) : Hostile.DatabaseRefusalTests(server), IClassFixture<SqliteServer>;

public sealed class HostileRequestsOnSqlite(SqliteServer server, ITestOutputHelper output) : Hostile.HostileRequestTests(server, output),
    IClassFixture<SqliteServer>;

public sealed class ExternalKeysOnSqlite(SqliteServer server) : Conventions.ExternalKeyTests(server), IClassFixture<SqliteServer>;

public sealed class FlowCascadesOnSqlite(SqliteServer server) : Cascades.FlowCascadeTests(server), IClassFixture<SqliteServer>;

public sealed class MonitorCascadesOnSqlite(SqliteServer server) : Cascades.MonitorCascadeTests(server), IClassFixture<SqliteServer>;

public sealed class CountsOnSqlite(SqliteServer server) : Statistics.CountTests(server), IClassFixture<SqliteServer>;
