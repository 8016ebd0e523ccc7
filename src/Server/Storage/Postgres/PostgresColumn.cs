using Npgsql;
using NpgsqlTypes;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>A column of a statement that writes many rows at once: its values travel as one array.</summary>
internal abstract class PostgresColumn(Column column, string type)
{
    private static readonly Dictionary<Type, (string Type, NpgsqlDbType Parameter)> Types = new()
    {
        [typeof(string)] = ("text", NpgsqlDbType.Text),
        [typeof(Guid)] = ("uuid", NpgsqlDbType.Uuid),
        [typeof(byte[])] = ("bytea", NpgsqlDbType.Bytea),
        [typeof(long)] = ("bigint", NpgsqlDbType.Bigint),
        [typeof(int)] = ("integer", NpgsqlDbType.Integer),
        [typeof(bool)] = ("boolean", NpgsqlDbType.Boolean),
        [typeof(DateTimeOffset)] = ("timestamp with time zone", NpgsqlDbType.TimestampTz),
    };

    public Column Column { get; } = column;

    /// <summary>The type of an element in the database.</summary>
    public string Type { get; } = type;

    public static PostgresColumn Of(Table table, Column column)
    {
        var (type, parameter) = column.Property == table.Json ? ("jsonb", NpgsqlDbType.Jsonb) : Types[column.Type];
        // An element may be absent.
        var element = column.IsOptional ? typeof(Nullable<>).MakeGenericType(column.Type) : column.Type;
        return (PostgresColumn)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(element), column, type, parameter)!;
    }

    /// <summary>The column's values in these rows, as a parameter.</summary>
    public abstract NpgsqlParameter Parameter(IReadOnlyList<object> rows);

    private sealed class Typed<T>(Column column, string type, NpgsqlDbType parameter) : PostgresColumn(column, type)
    {
        public override NpgsqlParameter Parameter(IReadOnlyList<object> rows)
        {
            var values = new T?[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Column.ValueOf(rows[i]) is { } value ? (T)value : default;
            }

            return new NpgsqlParameter<T?[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | parameter };
        }
    }
}
