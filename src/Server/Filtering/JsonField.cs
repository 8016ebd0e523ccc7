using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// Free-form data: a path of keys leads to a text, a number or a flag. What the literal looks like says which of these is meant.
/// </summary>
internal sealed class JsonField<T>(string name, string column, Func<T, Struct?> get) : FilterField<T>(name)
{
    public override FilterTest<T> Test(FilterNode.Restriction restriction)
    {
        string[] keys = [.. restriction.Path.Skip(1)];
        var literal = restriction.Literal;
        if (restriction.Comparator == FilterToken.Has && literal.IsPresence)
        {
            return keys.Length == 0
                ? new(_ => $"{column} IS NOT NULL", resource => get(resource) is not null)
                : Present(keys);
        }

        if (keys.Length == 0)
        {
            // `metadata:key` asks whether the map has the key.
            return restriction.Comparator == FilterToken.Has
                ? Present([literal.Text])
                : throw new FilterValueException(restriction.Position, $"compare a key in '{Name}': {Name}.key = value");
        }

        switch (literal)
        {
            case { IsQuoted: false, Text: "true" or "false" }:
                RequireEquality(restriction);
                return ScalarField<T, bool>.Of(
                    restriction.Comparator,
                    literal.Text == "true",
                    text => SqlOperand.Computed(text.JsonFlag(column, text.Bind(Path(keys)))),
                    resource => Find(resource, keys) is { KindCase: Value.KindOneofCase.BoolValue } value ? value.BoolValue : null);
            case { IsQuoted: false } when bool.TryParse(literal.Text, out _):
                throw new FilterValueException(literal.Position, $"write a flag as true or false, and a text as \"{literal.Text}\"");
            case { IsQuoted: false } when NumberLiteral.Read(literal) is { } number:
                return ScalarField<T, double>.Of(
                    restriction.Comparator,
                    number,
                    text => SqlOperand.Computed(text.JsonNumber(column, text.Bind(Path(keys)))),
                    resource => Find(resource, keys) is { KindCase: Value.KindOneofCase.NumberValue } value ? value.NumberValue : null);
            default:
                return TextField<T>.Of(
                    restriction,
                    text => SqlOperand.Computed(text.JsonText(column, text.Bind(Path(keys)))),
                    resource => Find(resource, keys) is { KindCase: Value.KindOneofCase.StringValue } value ? value.StringValue : null);
        }
    }

    private FilterTest<T> Present(string[] keys) => new(
        text => $"coalesce({text.JsonType(column, text.Bind(Path(keys)))} <> 'null', FALSE)",
        resource => Find(resource, keys) is { KindCase: not (Value.KindOneofCase.NullValue or Value.KindOneofCase.None) });

    /// <summary>The path in the notation that SQLite and PostgreSQL share: $."key"."key below".</summary>
    private static string Path(IEnumerable<string> keys) =>
        "$" + string.Concat(keys.Select(key => "." + JsonSerializer.Serialize(key, RelaxedJson.Options)));

    private Value? Find(T resource, string[] keys)
    {
        var map = get(resource);
        Value? value = null;
        foreach (var key in keys)
        {
            if (map is null || !map.Fields.TryGetValue(key, out value))
            {
                return null;
            }

            map = value.KindCase == Value.KindOneofCase.StructValue ? value.StructValue : null;
        }

        return value;
    }
}
