using Npgsql;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>Rows that wait to be written, by table and kind of statement, in the order in which that may not be exchanged.</summary>
internal sealed class PendingRows(IReadOnlyDictionary<Table, PostgresRowStatements> tables)
{
    private readonly List<Group> _groups = [];
    private readonly Dictionary<Table, Group> _last = [];

    internal enum Kind
    {
        Insert,
        Update,
        Delete,
    }

    public bool IsEmpty => _groups.Count == 0;

    public void Add(Kind kind, object row)
    {
        var table = Tables.Of(row);
        // Tables do not depend on each other; within one, what was asked for first is done first.
        if (!_last.TryGetValue(table, out var group) || group.Kind != kind)
        {
            _last[table] = group = new Group(kind, tables[table]);
            _groups.Add(group);
        }

        group.Add(row);
    }

    /// <summary>Adds the statements to a batch, and returns how many rows each must change.</summary>
    public List<(NpgsqlBatchCommand Command, int Rows)> AddTo(NpgsqlBatch batch)
    {
        var expected = new List<(NpgsqlBatchCommand, int)>(_groups.Count);
        foreach (var group in _groups)
        {
            var command = group.Command();
            batch.BatchCommands.Add(command);
            expected.Add((command, group.Count));
        }

        Clear();
        return expected;
    }

    public void Clear()
    {
        _groups.Clear();
        _last.Clear();
    }

    /// <summary>Rows for one statement.</summary>
    private sealed class Group(Kind kind, PostgresRowStatements table)
    {
        private readonly List<object> _rows = [];
        private readonly Dictionary<string, int> _places = [];

        public Kind Kind { get; } = kind;

        public int Count => _rows.Count;

        public void Add(object row)
        {
            // An UPDATE changes each row once, so a later state of a row replaces the earlier one.
            if (Kind == Kind.Update)
            {
                var key = table.KeyOf(row);
                if (_places.TryGetValue(key, out var place))
                {
                    _rows[place] = row;
                    return;
                }

                _places[key] = _rows.Count;
            }

            _rows.Add(row);
        }

        public NpgsqlBatchCommand Command() => Kind switch
        {
            Kind.Insert => table.Insert(_rows),
            Kind.Update => table.Update(_rows),
            _ => table.Delete(_rows),
        };
    }
}
