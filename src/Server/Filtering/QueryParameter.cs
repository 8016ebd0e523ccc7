using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace TaskGrpc.Server.Filtering;

/// <summary>A value that EF sends as a parameter; as a constant it would be compiled into a new query each time.</summary>
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

    // With a field, as a lambda's captured variable is: EF reads it without calling a getter, for every value of every query.
    private sealed class Held<TValue>(TValue value)
    {
        public readonly TValue Value = value;
    }
}
