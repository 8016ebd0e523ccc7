using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using NpgsqlTypes;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>A column of a statement that writes many rows at once. The database receives its values as one array.</summary>
internal abstract class PostgresColumn(IProperty property)
{
    public Column Column { get; } = new(property.PropertyInfo!);

    public string Name => Column.Name;

    public IProperty Property { get; } = property;

    /// <summary>The type of an element in the database.</summary>
    public string Type { get; } = property.GetRelationalTypeMapping().StoreType;

    public static PostgresColumn Of(IProperty property, StoredValues values)
    {
        var provided = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        // An element may be null.
        var element = provided.IsValueType && property.IsNullable ? typeof(Nullable<>).MakeGenericType(Nullable.GetUnderlyingType(provided) ?? provided) : provided;
        return (PostgresColumn)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(element), property, values)!;
    }

    /// <summary>The column's values in these rows, as a parameter.</summary>
    public abstract NpgsqlParameter Parameter(IReadOnlyList<object> rows);

    private sealed class Typed<T>(IProperty property, StoredValues stored) : PostgresColumn(property)
    {
        private readonly NpgsqlDbType _type = NpgsqlDbType.Array | TypeOf(property);

        public override NpgsqlParameter Parameter(IReadOnlyList<object> rows)
        {
            var values = new T?[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Column.ValueOf(rows[i]) is { } value ? (T)stored.Of(value) : default;
            }

            return new NpgsqlParameter<T?[]> { TypedValue = values, NpgsqlDbType = _type };
        }

        private static NpgsqlDbType TypeOf(IProperty property) => property.GetRelationalTypeMapping().StoreType switch
        {
            "text" => NpgsqlDbType.Text,
            "jsonb" => NpgsqlDbType.Jsonb,
            "uuid" => NpgsqlDbType.Uuid,
            "bytea" => NpgsqlDbType.Bytea,
            "bigint" => NpgsqlDbType.Bigint,
            "integer" => NpgsqlDbType.Integer,
            "boolean" => NpgsqlDbType.Boolean,
            "timestamp with time zone" => NpgsqlDbType.TimestampTz,
            var other => throw new InvalidOperationException($"The commit path does not support columns of type {other} yet."),
        };
    }
}
