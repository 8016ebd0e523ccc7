using System.Data.Common;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The rows of a list, one after the other: a body each, and the fields by which they are sorted.</summary>
internal sealed class KeyedRows(DbDataReader rows, StoredValues values, int keys) : IDisposable
{
    private readonly object[] _keys = new object[keys];

    public byte[] Body => rows.GetFieldValue<byte[]>(0);

    public bool Read() => rows.Read();

    /// <summary>Keeps the keys of this row, for when it turns out to be the page's last.</summary>
    public void KeepKeys()
    {
        for (var i = 0; i < keys; i++)
        {
            _keys[i] = rows.GetValue(i + 1);
        }
    }

    /// <summary>A key of the row that was kept, as the resource has it; null if it has none.</summary>
    public object? KeptKey(int key, Type type)
    {
        var value = _keys[key];
        return value is DBNull ? null : values.From(value, Nullable.GetUnderlyingType(type) ?? type);
    }

    public void Dispose() => rows.Dispose();
}
