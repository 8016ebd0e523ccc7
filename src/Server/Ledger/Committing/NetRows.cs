using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// Rows that several commands of a batch may insert, change and delete. Each flush writes a row once, as the last command left it.
/// </summary>
internal sealed class NetRows
{
    private readonly Dictionary<object, (object? Stored, object? Row)> _rows = [];

    /// <summary>Takes note of a change.</summary>
    /// <param name="key">Identifies the row among all tables.</param>
    /// <param name="was">The row before; null if there was none.</param>
    /// <param name="row">The row after; null if it is deleted.</param>
    public void Set(object key, object? was, object? row) =>
        _rows[key] = _rows.TryGetValue(key, out var known) ? (known.Stored, row) : (was, row);

    public void Flush(StoreWriter writer)
    {
        // The same statements together: a database beyond a network gets one of each kind for a table.
        foreach (var row in _rows.Values.Where(row => row is { Stored: null, Row: not null }))
        {
            writer.Insert(row.Row!);
        }

        foreach (var row in _rows.Values.Where(row => row is { Stored: not null, Row: not null }))
        {
            writer.Update(row.Row!);
        }

        foreach (var row in _rows.Values.Where(row => row is { Stored: not null, Row: null }))
        {
            writer.Delete(row.Stored!);
        }

        _rows.Clear();
    }
}
