using System.Linq.Expressions;
using System.Text.Json;

namespace TaskGrpc.Server.Filtering;

/// <summary>Free-form data: a path of keys leads to a text, a number or a flag. The form of the literal decides which.</summary>
internal sealed class JsonField<TRow>(string name, Expression<Func<TRow, string?>> column) : FilterField<TRow>(name)
{
    private readonly Lazy<Func<TRow, string?>> _get = new(column.Compile);

    public override FilterTest<TRow> Test(FilterNode.Restriction restriction)
    {
        var get = _get.Value;
        string[] keys = [.. restriction.Path.Skip(1)];
        var literal = restriction.Literal;
        if (restriction.Comparator == FilterToken.Has && literal.IsPresence)
        {
            return keys.Length == 0
                ? new(row => IsPresent(ColumnExpression.Of(column, row)), row => get(row) is not null)
                : Present(keys, get);
        }

        if (keys.Length == 0)
        {
            // `metadata:key` asks whether the map has the key.
            return restriction.Comparator == FilterToken.Has
                ? Present([literal.Text], get)
                : throw new FilterValueException(restriction.Position, $"compare a key in '{Name}': {Name}.key = value");
        }

        switch (literal)
        {
            case { IsQuoted: false, Text: "true" or "false" }:
                RequireEquality(restriction);
                return ScalarField<TRow, bool>.Of(restriction.Comparator, literal.Text == "true", row => Lookup(nameof(JsonLookup.Flag), keys, row), row => JsonLookup.Find(get(row), keys, FlagOf));
            case { IsQuoted: false } when bool.TryParse(literal.Text, out _):
                throw new FilterValueException(literal.Position, $"write a flag as true or false, and a text as \"{literal.Text}\"");
            case { IsQuoted: false } when NumberLiteral.Read(literal) is { } number:
                return ScalarField<TRow, double>.Of(restriction.Comparator, number, row => Lookup(nameof(JsonLookup.Number), keys, row), row => JsonLookup.Find(get(row), keys, NumberOf));
            default:
                return TextField<TRow>.Of(restriction, row => Lookup(nameof(JsonLookup.Text), keys, row), row => JsonLookup.Find(get(row), keys, TextOf));
        }
    }

    private FilterTest<TRow> Present(string[] keys, Func<TRow, string?> get) => new(
        row => Lookup(nameof(JsonLookup.IsPresent), keys, row),
        row => JsonLookup.Find(get(row), keys, value => value.ValueKind != JsonValueKind.Null));

    private MethodCallExpression Lookup(string function, string[] keys, ParameterExpression row) =>
        Expression.Call(typeof(JsonLookup), function, null, ColumnExpression.Of(column, row), QueryParameter.Of(JsonLookup.Path(keys), typeof(string)));

    private static bool? FlagOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? NumberOf(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
