using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests;

// The suite is written once; here it runs over HTTP with JSON, on SQLite. As in-process, tests of other services, of bytes and of sockets
// are left out.
public sealed class AgentTaskLifecycleOverJson(JsonServer server) : AgentTasks.AgentTaskLifecycleTests(server),
    IClassFixture<JsonServer>;

public sealed class AgentTaskApprovalOverJson(JsonServer server) : AgentTasks.AgentTaskApprovalTests(server),
    IClassFixture<JsonServer>;

public sealed class CreationOverJson(JsonServer server) : Conventions.CreationTests(server), IClassFixture<JsonServer>;

public sealed class LimitsOverJson(JsonServer server) : Conventions.LimitTests(server), IClassFixture<JsonServer>;

public sealed class KindLimitsOverJson(JsonServer server) : Conventions.KindLimitTests(server), IClassFixture<JsonServer>;

public sealed class PresenceOverJson(JsonServer server) : Conventions.PresenceTests(server), IClassFixture<JsonServer>;

public sealed class MomentsOverJson(JsonServer server) : Conventions.MomentTests(server), IClassFixture<JsonServer>;

public sealed class RequiredTextOverJson(JsonServer server) : Conventions.RequiredTextTests(server), IClassFixture<JsonServer>;

public sealed class InitialStatusOverJson(JsonServer server) : Conventions.InitialStatusTests(server),
    IClassFixture<JsonServer>;

public sealed class ViolationsOverJson(JsonServer server) : Conventions.ViolationTests(server), IClassFixture<JsonServer>;

public sealed class UpdatesOverJson(JsonServer server) : Conventions.UpdateTests(server), IClassFixture<JsonServer>;

public sealed class RequestIdsOverJson(JsonServer server) : Conventions.RequestIdTests(server), IClassFixture<JsonServer>;

public sealed class TenancyOverJson(JsonServer server) : Conventions.TenancyTests(server), IClassFixture<JsonServer>;

public sealed class ListsOverJson(JsonServer server) : Conventions.ListTests(server), IClassFixture<JsonServer>;

public sealed class BoardTasksOverJson(JsonServer server) : BoardTasks.BoardTaskTests(server), IClassFixture<JsonServer>;

public sealed class SubtaskLimitsOverJson(JsonServer server, ITestOutputHelper output)
    : BoardTasks.SubtaskLimitTests(server, output), IClassFixture<JsonServer>;

public sealed class SubtasksOverJson(JsonServer server) : BoardTasks.SubtaskTests(server), IClassFixture<JsonServer>;

public sealed class MonitorTasksOverJson(JsonServer server) : MonitorTasks.MonitorTaskTests(server), IClassFixture<JsonServer>;

public sealed class TargetsOverJson(JsonServer server) : Deliveries.TargetTests(server), IClassFixture<JsonServer>;

public sealed class DefinitionsOverJson(JsonServer server) : FlowExecutions.DefinitionTests(server), IClassFixture<JsonServer>;

public sealed class WebhooksOverJson(JsonServer server) : Deliveries.WebhookTests(server), IClassFixture<JsonServer>;

public sealed class DeliveriesOverJson(JsonServer server) : Deliveries.DeliveryTests(server), IClassFixture<JsonServer>;

public sealed class FlowExecutionsOverJson(JsonServer server) : FlowExecutions.FlowExecutionTests(server),
    IClassFixture<JsonServer>;

public sealed class BatchPrecedenceOverJson(JsonServer server) : TaskExecutions.BatchPrecedenceTests(server),
    IClassFixture<JsonServer>;

public sealed class RetriesOverJson(JsonServer server) : TaskExecutions.RetryTests(server), IClassFixture<JsonServer>;

public sealed class TaskExecutionsOverJson(JsonServer server) : TaskExecutions.TaskExecutionTests(server),
    IClassFixture<JsonServer>;

public sealed class InputsOverJson(JsonServer server) : TaskExecutions.InputTests(server), IClassFixture<JsonServer>;

public sealed class WatchesOverJson(JsonServer server) : Changes.WatchTests(server), IClassFixture<JsonServer>;

public sealed class ListChangesOverJson(JsonServer server) : Changes.ListChangesTests(server), IClassFixture<JsonServer>;

public sealed class ErrorDetailsOverJson(JsonServer server) : Hosting.ErrorDetailTests(server), IClassFixture<JsonServer>;

public sealed class FiltersOverJson(JsonServer server) : Filters.FilterTests(server), IClassFixture<JsonServer>;

public sealed class FilterLiteralsOverJson(JsonServer server) : Filters.FilterLiteralTests(server), IClassFixture<JsonServer>;

public sealed class KindFiltersOverJson(JsonServer server) : Filters.KindFilterTests(server), IClassFixture<JsonServer>;

public sealed class FilteredWatchesOverJson(JsonServer server) : Changes.FilteredWatchTests(server), IClassFixture<JsonServer>;

public sealed class ShowDeletedOverJson(JsonServer server) : Changes.ShowDeletedTests(server), IClassFixture<JsonServer>;

public sealed class EndingWatchesOverJson(JsonServer server) : Changes.EndingWatchTests(server), IClassFixture<JsonServer>;

public sealed class SnapshotsOverJson(JsonServer server) : Changes.SnapshotTests(server), IClassFixture<JsonServer>;

public sealed class CompactionOverJson(JsonServer server) : Changes.CompactionTests(server), IClassFixture<JsonServer>;

public sealed class DatabaseRefusalsOverJson(JsonServer server) : Hostile.DatabaseRefusalTests(server),
    IClassFixture<JsonServer>;

public sealed class ExternalKeysOverJson(JsonServer server) : Conventions.ExternalKeyTests(server), IClassFixture<JsonServer>;

public sealed class CountsOverJson(JsonServer server) : Statistics.CountTests(server), IClassFixture<JsonServer>;
