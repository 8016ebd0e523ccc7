using Microsoft.AspNetCore.DataProtection.Repositories;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// Copies everything from one store into another, empty one: resources, logs, revisions, epochs, request ids, the schedule of deliveries,
/// signing secrets and the keys that encrypt them. One transaction inserts all rows, so the copy is complete or absent.
/// </summary>
internal sealed class StoreCopy(TaskStore source, TaskStore target)
{
    private const int Rows = 500;

    /// <summary>Runs the copy and returns how many rows of each table it copied.</summary>
    /// <exception cref="RefusedToStartException">The target is not empty, or the source changed during the copy.</exception>
    public IReadOnlyList<(string Table, long Rows)> Run()
    {
        using var from = source.Connect();
        using var writer = target.OpenWriter();
        RequireEmpty();
        Begin(from);
        var heads = Heads(from);
        writer.Begin("", Foreseen.Nothing);
        var copied = Tables.All.Select(table => (table.Name, Copy(table, from, writer))).ToList();
        End(from);
        if (heads != HeadsNow(from))
        {
            writer.TryRollback();
            throw new RefusedToStartException(
                "The source changed during the copy, so nothing was copied. Stop every server that uses the source, then copy again.");
        }

        // The keys go before the commit of the rows: keys without secrets do no harm, but secrets without keys cannot be read.
        copied.Add(("keys", CopyKeys(source.KeyRepository(), target.KeyRepository())));
        writer.Commit();
        return copied;
    }

    private static long Copy(Table table, StoreConnection from, StoreWriter writer)
    {
        var columns = from.FormOf(table).Columns;
        var order = table == Tables.Changes
            ? $" ORDER BY {from.Dialect.LogOrder}" : table == Tables.Requests ? $" ORDER BY {from.Dialect.RequestOrder}" : "";
        using var query = new Query(from.Connection, $"SELECT {TableForm.Names(columns)} FROM {table.Name}{order}");
        using var rows = query.Read();
        var count = 0L;
        while (rows.Read())
        {
            var row = new StoredRow(table);
            for (var i = 0; i < columns.Count; i++)
            {
                row.Values[columns[i].Place] = rows.IsDBNull(i) ? null : from.Values.From(rows.GetValue(i), columns[i].Type);
            }

            // The target has a row of its own for the store. Its epoch becomes the source's, so that tokens of organizations without a
            // change go on too.
            if (table == Tables.Organizations && Equals(row.Values[table.PlaceOf("id")], OrganizationRow.Store))
            {
                writer.Update(row);
                continue;
            }

            writer.Insert(row);
            if (++count % Rows == 0)
            {
                writer.Send();
            }
        }

        writer.Send();
        return count;
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
        if (HeadsNow(to).Organizations != 1)
        {
            throw new RefusedToStartException("The target already holds organizations, so nothing was copied. Copy into a new database.");
        }
    }

    /// <summary>What no write leaves as it was.</summary>
    private static (long Organizations, long Revisions) Heads(StoreConnection db)
    {
        using var query = new Query(db.Connection, "SELECT count(*), CAST(coalesce(sum(revision), 0) AS bigint) FROM organizations");
        using var row = query.Read();
        row.Read();
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>The same in a read of its own.</summary>
    private static (long Organizations, long Revisions) HeadsNow(StoreConnection db)
    {
        Begin(db);
        var heads = Heads(db);
        End(db);
        return heads;
    }

    /// <summary>Begins a read of all organizations at one moment.</summary>
    private static void Begin(StoreConnection db) => new ScopeStatement(db, db.Dialect.BeginView).Say("");

    private static void End(StoreConnection db)
    {
        using var end = new Query(db.Connection, "COMMIT");
        end.Execute();
    }
}
