using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>A value that EF sends as a parameter; as a constant it would be compiled into a new query each time.</summary>
internal static class QueryParameter
{
    public static Expression Of(object value, Type type)
    {
        var holder = Activator.CreateInstance(typeof(Held<>).MakeGenericType(type), value)!;
        return Expression.Field(Expression.Constant(holder), nameof(Held<>.Value));
    }

    private sealed class Held<TValue>(TValue value)
    {
        public readonly TValue Value = value;
    }
}
