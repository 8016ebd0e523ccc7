using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests;

// The suite is written once; here it runs in-process, on SQLite. Left out is what tests the network itself:
// - Reflection and Health are services beside the contract, which only gRPC serves.
// - HostileRequests sends bytes that no message of this process can have.
// - Paths, frames, connections, canceled streams, error sizes and server limits have their own servers and sockets.
// - Tokens and certificates have their own servers; InProcessInvokerTests checks that this protocol requires credentials too.
// - Upgrades open databases, which do not depend on the protocol.
public sealed class AgentTaskLifecycleInProcess(InProcessServer server) : AgentTasks.AgentTaskLifecycleTests(server),
    IClassFixture<InProcessServer>;

public sealed class AgentTaskApprovalInProcess(InProcessServer server) : AgentTasks.AgentTaskApprovalTests(server),
    IClassFixture<InProcessServer>;

public sealed class CreationInProcess(InProcessServer server) : Conventions.CreationTests(server), IClassFixture<InProcessServer>;

public sealed class LimitsInProcess(InProcessServer server) : Conventions.LimitTests(server), IClassFixture<InProcessServer>;

public sealed class KindLimitsInProcess(InProcessServer server) : Conventions.KindLimitTests(server), IClassFixture<InProcessServer>;

public sealed class PresenceInProcess(InProcessServer server) : Conventions.PresenceTests(server), IClassFixture<InProcessServer>;

public sealed class MomentsInProcess(InProcessServer server) : Conventions.MomentTests(server), IClassFixture<InProcessServer>;

public sealed class RequiredTextInProcess(InProcessServer server) : Conventions.RequiredTextTests(server), IClassFixture<InProcessServer>;

public sealed class InitialStatusInProcess(InProcessServer server) : Conventions.InitialStatusTests(server),
    IClassFixture<InProcessServer>;

public sealed class ViolationsInProcess(InProcessServer server) : Conventions.ViolationTests(server), IClassFixture<InProcessServer>;

public sealed class UpdatesInProcess(InProcessServer server) : Conventions.UpdateTests(server), IClassFixture<InProcessServer>;

public sealed class RequestIdsInProcess(InProcessServer server) : Conventions.RequestIdTests(server), IClassFixture<InProcessServer>;

public sealed class TenancyInProcess(InProcessServer server) : Conventions.TenancyTests(server), IClassFixture<InProcessServer>;

public sealed class ListsInProcess(InProcessServer server) : Conventions.ListTests(server), IClassFixture<InProcessServer>;

public sealed class BoardTasksInProcess(InProcessServer server) : BoardTasks.BoardTaskTests(server), IClassFixture<InProcessServer>;

public sealed class SubtaskLimitsInProcess(InProcessServer server, ITestOutputHelper output)
    : BoardTasks.SubtaskLimitTests(server, output), IClassFixture<InProcessServer>;

public sealed class SubtasksInProcess(InProcessServer server) : BoardTasks.SubtaskTests(server), IClassFixture<InProcessServer>;

public sealed class MonitorTasksInProcess(InProcessServer server) : MonitorTasks.MonitorTaskTests(server), IClassFixture<InProcessServer>;

public sealed class TargetsInProcess(InProcessServer server) : Deliveries.TargetTests(server), IClassFixture<InProcessServer>;

public sealed class DefinitionsInProcess(InProcessServer server) : FlowExecutions.DefinitionTests(server), IClassFixture<InProcessServer>;

public sealed class WebhooksInProcess(InProcessServer server) : Deliveries.WebhookTests(server), IClassFixture<InProcessServer>;

public sealed class DeliveriesInProcess(InProcessServer server) : Deliveries.DeliveryTests(server), IClassFixture<InProcessServer>;

public sealed class FlowExecutionsInProcess(InProcessServer server) : FlowExecutions.FlowExecutionTests(server),
    IClassFixture<InProcessServer>;

public sealed class BatchPrecedenceInProcess(InProcessServer server) : TaskExecutions.BatchPrecedenceTests(server),
    IClassFixture<InProcessServer>;

public sealed class RetriesInProcess(InProcessServer server) : TaskExecutions.RetryTests(server), IClassFixture<InProcessServer>;

public sealed class TaskExecutionsInProcess(InProcessServer server) : TaskExecutions.TaskExecutionTests(server),
    IClassFixture<InProcessServer>;

public sealed class InputsInProcess(InProcessServer server) : TaskExecutions.InputTests(server), IClassFixture<InProcessServer>;

public sealed class WatchesInProcess(InProcessServer server) : Changes.WatchTests(server), IClassFixture<InProcessServer>;

public sealed class ListChangesInProcess(InProcessServer server) : Changes.ListChangesTests(server), IClassFixture<InProcessServer>;

public sealed class ErrorDetailsInProcess(InProcessServer server) : Hosting.ErrorDetailTests(server), IClassFixture<InProcessServer>;

public sealed class FiltersInProcess(InProcessServer server) : Filters.FilterTests(server), IClassFixture<InProcessServer>;

public sealed class FilterLiteralsInProcess(InProcessServer server) : Filters.FilterLiteralTests(server), IClassFixture<InProcessServer>;

public sealed class KindFiltersInProcess(InProcessServer server) : Filters.KindFilterTests(server), IClassFixture<InProcessServer>;

public sealed class FilteredWatchesInProcess(InProcessServer server) : Changes.FilteredWatchTests(server), IClassFixture<InProcessServer>;

public sealed class ShowDeletedInProcess(InProcessServer server) : Changes.ShowDeletedTests(server), IClassFixture<InProcessServer>;

public sealed class EndingWatchesInProcess(InProcessServer server) : Changes.EndingWatchTests(server), IClassFixture<InProcessServer>;

public sealed class SnapshotsInProcess(InProcessServer server) : Changes.SnapshotTests(server), IClassFixture<InProcessServer>;

public sealed class CompactionInProcess(InProcessServer server) : Changes.CompactionTests(server), IClassFixture<InProcessServer>;

public sealed class DatabaseRefusalsInProcess(InProcessServer server) : Hostile.DatabaseRefusalTests(server),
    IClassFixture<InProcessServer>;

public sealed class ExternalKeysInProcess(InProcessServer server) : Conventions.ExternalKeyTests(server), IClassFixture<InProcessServer>;

public sealed class CountsInProcess(InProcessServer server) : Statistics.CountTests(server), IClassFixture<InProcessServer>;
