using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;

namespace TaskGrpc.Server.Filtering;

/// <summary>Free-form data: a path of keys leads to a text, a number or a flag. What the literal looks like says which of these is meant.</summary>
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
                : throw new FilterValueException(restriction.Position, $"'{Name}' is compared by a key in it: {Name}.key = value");
        }

        return literal switch
        {
            { IsQuoted: false, Text: "true" or "false" } => Flag(restriction, keys, get),
            { IsQuoted: false } when double.TryParse(literal.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => Number(restriction, keys, get, number),
            _ => TextField<TRow>.Of(
                restriction,
                row => Lookup(nameof(JsonLookup.Text), keys, row),
                row => JsonLookup.Find(get(row), keys, value => value.ValueKind == JsonValueKind.String ? value.GetString() : null)),
        };
    }

    private FilterTest<TRow> Present(string[] keys, Func<TRow, string?> get) => new(
        row => Lookup(nameof(JsonLookup.IsPresent), keys, row),
        row => JsonLookup.Find(get(row), keys, value => value.ValueKind != JsonValueKind.Null));

    private FilterTest<TRow> Flag(FilterNode.Restriction restriction, string[] keys, Func<TRow, string?> get)
    {
        RequireEquality(restriction);
        var wanted = restriction.Literal.Text == "true";
        var isNot = restriction.Comparator == FilterToken.NotEqual;
        return new(
            row => Expression.MakeBinary(Operator(restriction.Comparator), Lookup(nameof(JsonLookup.Flag), keys, row), QueryParameter.Of(wanted, typeof(bool?))),
            row => isNot != (JsonLookup.Find(get(row), keys, FlagOf) == wanted));
    }

    private FilterTest<TRow> Number(FilterNode.Restriction restriction, string[] keys, Func<TRow, string?> get, double wanted)
    {
        var comparator = restriction.Comparator;
        return new(
            row =>
            {
                var own = Lookup(nameof(JsonLookup.Number), keys, row);
                var comparison = Expression.MakeBinary(Operator(comparator), own, QueryParameter.Of(wanted, typeof(double?)));
                return comparison.NodeType is ExpressionType.Equal or ExpressionType.NotEqual ? comparison : Expression.AndAlso(IsPresent(own), comparison);
            },
            row => JsonLookup.Find(get(row), keys, NumberOf) is var own && comparator switch
            {
                FilterToken.Equal or FilterToken.Has => own == wanted,
                FilterToken.NotEqual => own != wanted,
                _ => own is { } number && Holds(comparator, number.CompareTo(wanted)),
            });
    }

    private MethodCallExpression Lookup(string function, string[] keys, ParameterExpression row) =>
        Expression.Call(typeof(JsonLookup), function, null, ColumnExpression.Of(column, row), QueryParameter.Of(JsonLookup.Path(keys), typeof(string)));

    private static bool? FlagOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static double? NumberOf(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
