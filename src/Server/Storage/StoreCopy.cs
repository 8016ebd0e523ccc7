using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// Carries everything from one store into another, empty one: resources, logs, revisions, epochs, request ids, the schedule of deliveries,
/// signing secrets and the keys that encrypt them. In one transaction, so that there is a whole copy or none.
/// </summary>
internal sealed class StoreCopy(TaskStore source, TaskStore target, ILoggerFactory loggers)
{
    private const int Rows = 500;

    /// <summary>Runs the copy, and returns how many rows of which table were carried over.</summary>
    /// <exception cref="RefusedToStartException">The target is not empty, or the source has changed meanwhile.</exception>
    public IReadOnlyList<(string Table, long Rows)> Run()
    {
        using var connection = source.Connect();
        var from = connection.Context;
        using var writer = target.OpenWriter();
        RequireEmpty();
        Begin(connection);
        var heads = Heads(from);
        writer.Begin("", Foreseen.Nothing);
        var copied = new List<(string, long)>
        {
            CopyOrganizations(from.All<OrganizationRow>(), writer),
            Copy(from.LogInOrder(), writer),
            Copy(from.RequestsInOrder(), writer),
            Copy(from.All<AgentTaskRow>(), writer),
            Copy(from.All<BoardTaskRow>(), writer),
            Copy(from.All<SubtaskRow>(), writer),
            Copy(from.All<MonitorTaskRow>(), writer),
            Copy(from.All<DeliveryRow>(), writer),
            Copy(from.All<DueDeliveryRow>(), writer),
            Copy(from.All<FlowExecutionRow>(), writer),
            Copy(from.All<TaskExecutionRow>(), writer),
            Copy(from.All<SigningSecretRow>(), writer),
        };
        End(connection);
        Begin(connection);
        var headsAfter = Heads(from);
        End(connection);
        if (heads != headsAfter)
        {
            writer.TryRollback();
            throw new RefusedToStartException("The source was written to while it was copied, and nothing was kept. Stop every server of it, then copy again.");
        }

        // Before the rows: keys without secrets do no harm, secrets without keys do.
        copied.Add(("keys", CopyKeys(source.KeyRepository(loggers), target.KeyRepository(loggers))));
        writer.Commit();
        return copied;
    }

    /// <summary>The target's own epoch becomes the source's, so that tokens of organizations without a change go on too.</summary>
    private static (string Table, long Rows) CopyOrganizations(IQueryable<OrganizationRow> rows, StoreWriter writer)
    {
        writer.Update(rows.AsNoTracking().Single(row => row.Id == OrganizationRow.Store));
        return Copy(rows.Where(row => row.Id != OrganizationRow.Store), writer);
    }

    private static (string Table, long Rows) Copy<TRow>(IQueryable<TRow> rows, StoreWriter writer)
        where TRow : class
    {
        var count = 0L;
        foreach (var row in rows.AsNoTracking())
        {
            writer.Insert(row);
            if (++count % Rows == 0)
            {
                writer.Send();
            }
        }

        writer.Send();
        return (TableNames.Of(typeof(TRow)), count);
    }

    private static long CopyKeys(IXmlRepository from, IXmlRepository to)
    {
        var keys = from.GetAllElements();
        foreach (var key in keys)
        {
            to.StoreElement(key, $"key-{key.Attribute("id")?.Value}");
        }

        return keys.Count;
    }

    private void RequireEmpty()
    {
        using var to = target.Connect();
        Begin(to);
        var isEmpty = !to.Context.All<OrganizationRow>().Any(row => row.Id != OrganizationRow.Store);
        End(to);
        if (!isEmpty)
        {
            throw new RefusedToStartException("The target already holds organizations, and nothing was copied. Copy into a new database.");
        }
    }

    /// <summary>What no write leaves as it was.</summary>
    private static (long Organizations, long Revisions) Heads(TaskDb db) =>
        (db.All<OrganizationRow>().LongCount(), db.All<OrganizationRow>().Sum(row => row.Revision));

    /// <summary>Everything that is read from here on is of one moment, and of all organizations.</summary>
    private static void Begin(StoreConnection db)
    {
        using var begin = new ScopeStatement(db, db.Dialect.BeginView);
        begin.Say("");
    }

    private static void End(StoreConnection db)
    {
        using var end = new Query(db.Connection, "COMMIT");
        end.Execute();
    }
}
