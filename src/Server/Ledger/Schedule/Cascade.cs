using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>
/// A change of one resource that changes many others. The first ones change in its own revision. The rest follow in revisions by the same
/// actor, so that no commit becomes large. A resource that began a cascade never changes again, so nothing new comes under it.
/// </summary>
internal static class Cascade
{
    /// <summary>The most resources that a cascade changes in one revision, besides the one that began it.</summary>
    public const int Step = 1000;

    /// <summary>The one group of each organization's cascades.</summary>
    public const string Group = "cascades";

    /// <summary>Changes the first resources that a changed one covers, and schedules the rest.</summary>
    public static void Begin(UnitOfWork unit, ResourceKind kind, string parent, string? reason, CascadeOf cascade)
    {
        var id = Guid.Parse(parent);
        if (Change(unit, id, Covered.None, reason, cascade) is not { } last)
        {
            return;
        }

        var begun = new CascadeRow
        {
            OrganizationId = unit.Caller.OrganizationId,
            ResourceId = id,
            Kind = (int)kind,
            ActorType = (int)unit.Caller.Actor.Type,
            ActorId = unit.Caller.Actor.Id,
            IntegrationType = unit.Caller.IntegrationType,
            Reason = reason,
            AfterAt = last.CreatedAt,
            AfterId = last.Id,
        };
        unit.Effects.Add(writer =>
        {
            writer.Insert(Due(unit, id));
            writer.Insert(begun);
        });
    }

    /// <summary>Changes the next resources. Does nothing if another replica has ended the cascade.</summary>
    public static void GoOn(UnitOfWork unit, Guid parent, CascadeOf cascade)
    {
        if (unit.Query<CascadeStatements>().Find(unit.Caller.OrganizationId, parent) is not { } row)
        {
            return;
        }

        var last = Change(unit, parent, new Covered(row.AfterAt, row.AfterId), row.Reason, cascade);
        unit.Effects.Add(writer =>
        {
            if (last is { } next)
            {
                writer.Update(row with { AfterAt = next.CreatedAt, AfterId = next.Id });
                return;
            }

            writer.Delete(row);
            writer.Delete(Due(unit, parent));
        });
    }

    /// <summary>Changes the resources after one, and returns the last of them; null if none is left after it.</summary>
    private static Covered? Change(UnitOfWork unit, Guid parent, Covered after, string? reason, CascadeOf cascade)
    {
        var found = cascade.Find(unit, parent, after, Step + 1);
        Guid[] ids = [.. found.Take(Step).Select(covered => covered.Id)];
        unit.Foresee(cascade.Kind, ids);
        Array.ForEach(ids, id => cascade.Change(unit, id.ToString(), reason));
        return found.Count > Step ? found[Step - 1] : null;
    }

    private static ScheduleRow Due(UnitOfWork unit, Guid parent) => new()
    {
        OrganizationId = unit.Caller.OrganizationId,
        Purpose = (int)SchedulePurpose.Cascade,
        GroupName = Group,
        DueAt = unit.Now.ToDateTimeOffset(),
        ResourceId = parent,
    };
}
