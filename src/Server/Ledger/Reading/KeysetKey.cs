using System.Text.Json;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// One column of a keyset order, with its comparisons against the value at which the page before ended. Absent values come last.
/// </summary>
internal sealed record KeysetKey(SortField Field, bool Descending)
{
    public string Column => Field.Column;

    /// <summary>The key in ORDER BY.</summary>
    public string Order => (Field.IsOptional ? $"{Column} IS NULL, " : "") + (Descending ? $"{Column} DESC" : Column);

    public string Equal(SqlText text, object? value) => value is null ? $"{Column} IS NULL" : $"{Column} = {text.Bind(value)}";

    /// <summary>Strictly after the value in this key's direction.</summary>
    public string Past(SqlText text, object? value)
    {
        if (value is null)
        {
            return "FALSE";
        }

        var past = $"{Column} {(Descending ? "<" : ">")} {text.Bind(value)}";
        return Field.IsOptional ? $"({past} OR {Column} IS NULL)" : past;
    }

    /// <summary>At or after the value, where that is one range of an index; null where it is not.</summary>
    public string? NotBefore(SqlText text, object? value) =>
        value is null || Field.IsOptional ? null : $"{Column} {(Descending ? "<=" : ">=")} {text.Bind(value)}";

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

    private object? Decode(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? (Field.IsOptional ? null : throw PageToken.Invalid())
        : Field.Type == typeof(DateTimeOffset) ? new DateTimeOffset(value.GetInt64(), TimeSpan.Zero)
        : Field.Type == typeof(Guid) ? value.GetGuid()
        : Field.Type == typeof(int) ? value.GetInt32()
        : value.GetString();
}
