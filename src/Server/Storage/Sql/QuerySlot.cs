using System.Collections.Concurrent;
using System.Globalization;
using System.Linq.Expressions;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The place of a value in a query. EF names a parameter after the member that it reads, so each slot has its own.</summary>
internal static class QuerySlot
{
    /// <summary>How many values a shape can have.</summary>
    public const int Most = 32;

    private static readonly ConcurrentDictionary<(int Number, Type Type), Expression> Slots = new();

    public static Expression Of(int number, Type type) => Slots.GetOrAdd((number, type), static slot =>
    {
        var inner = Nullable.GetUnderlyingType(slot.Type) ?? slot.Type;
        // Any value but null, for which EF would write another statement.
        var value = inner == typeof(string) ? "" : Activator.CreateInstance(inner);
        var holder = Activator.CreateInstance(typeof(Holder<>).MakeGenericType(slot.Type), value);
        return Expression.Field(Expression.Constant(holder), $"V{slot.Number}");
    });

    /// <summary>The number of a parameter's slot; null if it has none.</summary>
    public static int? NumberOf(string parameter) =>
        parameter.TrimStart('@') is ['V', .. var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : null;

    private sealed class Holder<T>(T value)
    {
        public readonly T
            V0 = value, V1 = value, V2 = value, V3 = value, V4 = value, V5 = value, V6 = value, V7 = value,
            V8 = value, V9 = value, V10 = value, V11 = value, V12 = value, V13 = value, V14 = value, V15 = value,
            V16 = value, V17 = value, V18 = value, V19 = value, V20 = value, V21 = value, V22 = value, V23 = value,
            V24 = value, V25 = value, V26 = value, V27 = value, V28 = value, V29 = value, V30 = value, V31 = value;
    }
}
