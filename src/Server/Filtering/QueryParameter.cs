using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace TaskGrpc.Server.Filtering;

/// <summary>A value that EF sends as a parameter. EF would compile a new query for each constant.</summary>
internal static class QueryParameter
{
    private static readonly ConcurrentDictionary<Type, (ConstructorInvoker New, FieldInfo Value)> Holders = new();

    public static Expression Of(object value, Type type)
    {
        var (create, field) = Holders.GetOrAdd(type, static type =>
        {
            var holder = typeof(Held<>).MakeGenericType(type);
            return (ConstructorInvoker.Create(holder.GetConstructors().Single()), holder.GetField(nameof(Held<>.Value))!);
        });
        return Expression.Field(Expression.Constant(create.Invoke(value)), field);
    }

    // A field, like a lambda's captured variable: EF reads it without a getter, for every value of every query.
    private sealed class Held<TValue>(TValue value)
    {
        public readonly TValue Value = value;
    }
}
