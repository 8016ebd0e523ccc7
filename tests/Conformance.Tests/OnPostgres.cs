using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests;

// The suite is written once; here it runs on PostgreSQL.
public sealed class AgentTaskLifecycleOnPostgres(PostgresServer server) : AgentTasks.AgentTaskLifecycleTests(server),
    IClassFixture<PostgresServer>;

public sealed class AgentTaskApprovalOnPostgres(PostgresServer server) : AgentTasks.AgentTaskApprovalTests(server),
    IClassFixture<PostgresServer>;

public sealed class CreationOnPostgres(PostgresServer server) : Conventions.CreationTests(server), IClassFixture<PostgresServer>;

public sealed class LimitsOnPostgres(PostgresServer server) : Conventions.LimitTests(server), IClassFixture<PostgresServer>;

public sealed class KindLimitsOnPostgres(PostgresServer server) : Conventions.KindLimitTests(server), IClassFixture<PostgresServer>;

public sealed class PresenceOnPostgres(PostgresServer server) : Conventions.PresenceTests(server), IClassFixture<PostgresServer>;

public sealed class MomentsOnPostgres(PostgresServer server) : Conventions.MomentTests(server), IClassFixture<PostgresServer>;

public sealed class RequiredTextOnPostgres(PostgresServer server) : Conventions.RequiredTextTests(server), IClassFixture<PostgresServer>;

public sealed class InitialStatusOnPostgres(PostgresServer server) : Conventions.InitialStatusTests(server), IClassFixture<PostgresServer>;

public sealed class ViolationsOnPostgres(PostgresServer server) : Conventions.ViolationTests(server), IClassFixture<PostgresServer>;

public sealed class UpdatesOnPostgres(PostgresServer server) : Conventions.UpdateTests(server), IClassFixture<PostgresServer>;

public sealed class RequestIdsOnPostgres(PostgresServer server) : Conventions.RequestIdTests(server), IClassFixture<PostgresServer>;

public sealed class TenancyOnPostgres(PostgresServer server) : Conventions.TenancyTests(server), IClassFixture<PostgresServer>;

public sealed class ListsOnPostgres(PostgresServer server) : Conventions.ListTests(server), IClassFixture<PostgresServer>;

public sealed class BoardTasksOnPostgres(PostgresServer server) : BoardTasks.BoardTaskTests(server), IClassFixture<PostgresServer>;

public sealed class SubtaskLimitsOnPostgres(PostgresServer server, ITestOutputHelper output)
    : BoardTasks.SubtaskLimitTests(server, output), IClassFixture<PostgresServer>;

public sealed class SubtasksOnPostgres(PostgresServer server) : BoardTasks.SubtaskTests(server), IClassFixture<PostgresServer>;

public sealed class MonitorTasksOnPostgres(PostgresServer server) : MonitorTasks.MonitorTaskTests(server), IClassFixture<PostgresServer>;

public sealed class TargetsOnPostgres(PostgresServer server) : Deliveries.TargetTests(server), IClassFixture<PostgresServer>;

public sealed class DefinitionsOnPostgres(PostgresServer server) : FlowExecutions.DefinitionTests(server), IClassFixture<PostgresServer>;

public sealed class WebhooksOnPostgres(PostgresServer server) : Deliveries.WebhookTests(server), IClassFixture<PostgresServer>;

public sealed class DeliveriesOnPostgres(PostgresServer server) : Deliveries.DeliveryTests(server), IClassFixture<PostgresServer>;

public sealed class FlowExecutionsOnPostgres(PostgresServer server) : FlowExecutions.FlowExecutionTests(server),
    IClassFixture<PostgresServer>;

public sealed class BatchPrecedenceOnPostgres(PostgresServer server) : TaskExecutions.BatchPrecedenceTests(server),
    IClassFixture<PostgresServer>;

public sealed class RetriesOnPostgres(PostgresServer server) : TaskExecutions.RetryTests(server), IClassFixture<PostgresServer>;

public sealed class TaskExecutionsOnPostgres(PostgresServer server) : TaskExecutions.TaskExecutionTests(server),
    IClassFixture<PostgresServer>;

public sealed class InputsOnPostgres(PostgresServer server) : TaskExecutions.InputTests(server), IClassFixture<PostgresServer>;

public sealed class WatchesOnPostgres(PostgresServer server) : Changes.WatchTests(server), IClassFixture<PostgresServer>;

public sealed class ListChangesOnPostgres(PostgresServer server) : Changes.ListChangesTests(server), IClassFixture<PostgresServer>;

public sealed class ErrorDetailsOnPostgres(PostgresServer server) : Hosting.ErrorDetailTests(server), IClassFixture<PostgresServer>;

public sealed class ReflectionOnPostgres(PostgresServer server) : Hosting.ReflectionTests(server), IClassFixture<PostgresServer>;

public sealed class HealthOnPostgres(PostgresServer server) : Hosting.HealthTests(server), IClassFixture<PostgresServer>;

public sealed class FiltersOnPostgres(PostgresServer server) : Filters.FilterTests(server), IClassFixture<PostgresServer>;

public sealed class FilterLiteralsOnPostgres(PostgresServer server) : Filters.FilterLiteralTests(server), IClassFixture<PostgresServer>;

public sealed class JsonValuesOnPostgres(PostgresServer server) : Filters.JsonValueTests(server), IClassFixture<PostgresServer>;

public sealed class KindFiltersOnPostgres(PostgresServer server) : Filters.KindFilterTests(server), IClassFixture<PostgresServer>;

public sealed class FilteredWatchesOnPostgres(PostgresServer server) : Changes.FilteredWatchTests(server), IClassFixture<PostgresServer>;

public sealed class ShowDeletedOnPostgres(PostgresServer server) : Changes.ShowDeletedTests(server), IClassFixture<PostgresServer>;

public sealed class EndingWatchesOnPostgres(PostgresServer server) : Changes.EndingWatchTests(server), IClassFixture<PostgresServer>;

public sealed class SnapshotsOnPostgres(PostgresServer server) : Changes.SnapshotTests(server), IClassFixture<PostgresServer>;

public sealed class CompactionOnPostgres(PostgresServer server) : Changes.CompactionTests(server), IClassFixture<PostgresServer>;

public sealed class HostileRequestsOnPostgres(PostgresServer server, ITestOutputHelper output)
    : Hostile.HostileRequestTests(server, output), IClassFixture<PostgresServer>;

public sealed class ExternalKeysOnPostgres(PostgresServer server) : Conventions.ExternalKeyTests(server), IClassFixture<PostgresServer>;

public sealed class FlowCascadesOnPostgres(PostgresServer server) : Cascades.FlowCascadeTests(server), IClassFixture<PostgresServer>;

public sealed class MonitorCascadesOnPostgres(PostgresServer server) : Cascades.MonitorCascadeTests(server), IClassFixture<PostgresServer>;

public sealed class CountsOnPostgres(PostgresServer server) : Statistics.CountTests(server), IClassFixture<PostgresServer>;
