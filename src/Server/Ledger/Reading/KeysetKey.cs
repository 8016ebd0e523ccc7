using System.Linq.Expressions;
using System.Text.Json;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>One column of a keyset order, with its comparisons against the page before's last value. Absent values come last.</summary>
internal sealed class KeysetKey(Expression column, bool descending)
{
    public Expression Column { get; } = column;

    public bool Descending { get; } = descending;

    public bool Nullable { get; } = System.Nullable.GetUnderlyingType(column.Type) is not null;

    public Expression IsAbsent => Expression.Equal(Column, Expression.Constant(null, Column.Type));

    public Expression Equal(object? value) => value is null ? IsAbsent : Expression.Equal(Column, QueryParameter.Of(value, Column.Type));

    /// <summary>Strictly after the value in this key's direction.</summary>
    public Expression Past(object? value)
    {
        if (value is null)
        {
            return Expression.Constant(false);
        }

        var past = Compare(value, orEqual: false);
        return Nullable ? Expression.OrElse(past, IsAbsent) : past;
    }

    /// <summary>At or after the value, if that is one range of an index; null if not.</summary>
    public Expression? NotBefore(object? value) => value is null || Nullable ? null : Compare(value, orEqual: true);

    public static JsonElement Encode(object? key) => key switch
    {
        DateTimeOffset moment => JsonSerializer.SerializeToElement(moment.UtcTicks),
        _ => JsonSerializer.SerializeToElement(key),
    };

    /// <exception cref="Faults.Fault">INVALID_PAGE_TOKEN: the values do not match the keys.</exception>
    public static object?[] Decode(JsonElement[] values, IReadOnlyList<KeysetKey> keys)
    {
        if (values.Length != keys.Count)
        {
            throw PageToken.Invalid();
        }

        try
        {
            return [.. values.Select((value, i) => keys[i].Decode(value))];
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or ArgumentException)
        {
            throw PageToken.Invalid();
        }
    }

    private object? Decode(JsonElement value)
    {
        var type = System.Nullable.GetUnderlyingType(Column.Type) ?? Column.Type;
        return value.ValueKind == JsonValueKind.Null ? (Nullable ? null : throw PageToken.Invalid())
            : type == typeof(DateTimeOffset) ? new DateTimeOffset(value.GetInt64(), TimeSpan.Zero)
            : type == typeof(Guid) ? value.GetGuid()
            : type == typeof(int) ? value.GetInt32()
            : value.GetString();
    }

    private BinaryExpression Compare(object value, bool orEqual)
    {
        var parameter = QueryParameter.Of(value, Column.Type);
        var (left, right) = Column.Type == typeof(string)
            ? (Expression.Call(typeof(string), nameof(string.Compare), null, Column, parameter), (Expression)Expression.Constant(0))
            : (Column, parameter);
        return (Descending, orEqual) switch
        {
            (false, false) => Expression.GreaterThan(left, right),
            (false, true) => Expression.GreaterThanOrEqual(left, right),
            (true, false) => Expression.LessThan(left, right),
            (true, true) => Expression.LessThanOrEqual(left, right),
        };
    }
}
