using System.Reflection;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A column of a prepared statement: its name, and its value in a row.</summary>
internal sealed class Column(PropertyInfo property)
{
    private readonly Getter _getter = Getter.Of(property);

    public string Property => property.Name;

    public string Name { get; } = TableNames.OfColumn(property.Name);

    public object? ValueOf(object row) => _getter.Get(row);

    /// <summary>Reads a property through its accessor. EF compiles a getter for each, which took a third of the start.</summary>
    private abstract class Getter
    {
        public abstract object? Get(object row);

        /// <summary>Sets the accessor last: for a constructor with parameters, reflection compiles a method for each type.</summary>
        public static Getter Of(PropertyInfo property)
        {
            var getter = (Getter)Activator.CreateInstance(typeof(Getter<,>).MakeGenericType(property.DeclaringType!, property.PropertyType))!;
            getter.Read(property.GetMethod!);
            return getter;
        }

        protected abstract void Read(MethodInfo accessor);
    }

    private sealed class Getter<TRow, TValue> : Getter
    {
        private Func<TRow, TValue>? _read;

        public override object? Get(object row) => _read!((TRow)row);

        protected override void Read(MethodInfo accessor) => _read = accessor.CreateDelegate<Func<TRow, TValue>>();
    }
}
