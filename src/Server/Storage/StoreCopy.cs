using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// Copies everything from one store into another, empty one: resources, logs, revisions, epochs, request ids, the schedule of deliveries,
/// signing secrets and the keys that encrypt them. One transaction inserts all rows, so the copy is complete or absent.
/// </summary>
internal sealed class StoreCopy(TaskStore source, TaskStore target, ILoggerFactory loggers)
{
    private const int Rows = 500;

    /// <summary>Runs the copy and returns how many rows of each table it copied.</summary>
    /// <exception cref="RefusedToStartException">The target is not empty, or the source changed during the copy.</exception>
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
            throw new RefusedToStartException(
                "The source changed during the copy, so nothing was copied. Stop every server that uses the source, then copy again.");
        }

        // The keys go before the commit of the rows: keys without secrets do no harm, but secrets without keys cannot be read.
        copied.Add(("keys", CopyKeys(source.KeyRepository(loggers), target.KeyRepository(loggers))));
        writer.Commit();
        return copied;
    }

    /// <summary>The target takes over the source's own epoch, so that tokens of organizations without a change stay valid.</summary>
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
            throw new RefusedToStartException("The target already holds organizations, so nothing was copied. Copy into a new database.");
        }
    }

    /// <summary>Numbers that every write changes.</summary>
    private static (long Organizations, long Revisions) Heads(TaskDb db) =>
        (db.All<OrganizationRow>().LongCount(), db.All<OrganizationRow>().Sum(row => row.Revision));

    /// <summary>Begins a read of all organizations at one moment.</summary>
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
