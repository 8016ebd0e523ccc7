using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>Takes the next steps of cascades, one at a time, and rests in between so that other commands commit.</summary>
internal sealed class Cascades(
    FlowExecutionVerbs flows,
    DeliveryVerbs deliveries,
    CommitLanes lanes,
    CommitSignal signal,
    TaskStore store,
    StoreOutages outages,
    TimeProvider time,
    ILogger<Cascades> logger) : DueTimes(SchedulePurpose.Cascade, Interval, lanes, signal, store, outages, time, logger)
{
    /// <summary>How often a replica looks for cascades that another one has left.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override int Limit => 1;

    protected override string Group => Cascade.Group;

    /// <summary>Longer than other reads rest, because commits of other organizations may wait for a step.</summary>
    protected override int RestFactor => 10;

    /// <summary>A command that begins a cascade changes more than one step does.</summary>
    protected override bool Concerns(IReadOnlyList<LoggedChange> changes) => changes.Count > Cascade.Step;

    /// <summary>Takes a step of an organization's oldest cascade.</summary>
    protected override async Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping)
    {
        if (await FindAsync(organizationId, due[0].Id, stopping) is not { } cascade)
        {
            return;
        }

        var actor = new Actor { Type = (ActorType)cascade.ActorType, Id = cascade.ActorId };
        var caller = new Caller(organizationId, actor) { IntegrationType = cascade.IntegrationType };
        var covered = (ResourceKind)cascade.Kind == ResourceKind.FlowExecution ? flows.Covered : deliveries.Covered;
        await CommitAsync(caller, unit => Cascade.GoOn(unit, cascade.ResourceId, covered), stopping);
    }

    private async Task<CascadeRow?> FindAsync(string organizationId, Guid id, CancellationToken stopping)
    {
        using var rented = await Store.RentAsync(organizationId, stopping);
        return rented.Reader.Statements<CascadeStatements>().Find(organizationId, id);
    }
}
