using System.Data.Common;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The rows of a list, one after the other: each has a body and its sort keys.</summary>
internal sealed class KeyedRows(DbDataReader rows, StoredValues values, int keys) : IDisposable
{
    private readonly object[] _keys = new object[keys];

    public byte[] Body => rows.GetFieldValue<byte[]>(0);

    public bool Read() => rows.Read();

    /// <summary>Keeps the keys of this row, in case it is the last of the page.</summary>
    public void KeepKeys()
    {
        for (var i = 0; i < keys; i++)
        {
            _keys[i] = rows.GetValue(i + 1);
        }
    }

    /// <summary>A key of the kept row, in the type of the row's property; null if it is absent.</summary>
    public object? KeptKey(int key, Type type)
    {
        var value = _keys[key];
        return value is DBNull ? null : values.From(value, Nullable.GetUnderlyingType(type) ?? type);
    }

    public void Dispose() => rows.Dispose();
}
