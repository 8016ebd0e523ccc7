using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Counts a kind's rows by the values of some fields.</summary>
internal sealed class GroupedCount<T>(Table table, IReadOnlyList<GroupField> fields, Filter<T>? filter, bool showDeleted)
{
    private const int MostGroups = 1000;

    /// <summary>
    /// Each group's values, null for a field that its resources do not have, with their number. Without fields there is one group.
    /// </summary>
    /// <exception cref="Fault">INVALID_FIELD: there are too many groups.</exception>
    public IReadOnlyList<(string?[] Values, long Count)> Read(StoreReader reader)
    {
        var groups = new List<(string?[], long)>();
        using var rows = reader.Read(Question(reader));
        while (rows.Read())
        {
            if (groups.Count == MostGroups)
            {
                throw Fault.InvalidField("group_by", $"makes more than {MostGroups} groups; narrow the filter or group by fewer fields");
            }

            var values = new string?[fields.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = rows.IsDBNull(i) ? null : fields[i].Text(reader.Values.From(rows.GetValue(i), fields[i].Type));
            }

            groups.Add((values, rows.GetInt64(fields.Count)));
        }

        return groups;
    }

    private SqlText Question(StoreReader reader)
    {
        var columns = string.Concat(fields.Select(field => $"{field.Column}, "));
        var text = reader.NewList().Add($"SELECT {columns}count(*)").AddRows(table.Name).AddMatching(filter, showDeleted);
        return fields.Count == 0
            ? text : text.Add($" GROUP BY {string.Join(", ", fields.Select(field => field.Column))} LIMIT ").AddValue(MostGroups + 1);
    }
}
