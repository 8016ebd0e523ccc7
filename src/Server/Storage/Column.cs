using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace TaskGrpc.Server.Storage;

/// <summary>A column of a prepared statement, as EF's model has it: its name, and where its value stands in a row.</summary>
internal sealed class Column(IProperty property)
{
    private readonly Getter _getter = Getter.Of(property.PropertyInfo!);

    public IProperty Property { get; } = property;

    public string Name { get; } = property.GetColumnName();

    /// <summary>The value as the row has it.</summary>
    public object? ValueOf(object row) => _getter.Get(row);

    /// <summary>Reads a property by its own accessor. EF's getter is compiled for each property, which took a third of the server's start.</summary>
    private abstract class Getter
    {
        public abstract object? Get(object row);

        public static Getter Of(PropertyInfo property) =>
            (Getter)Activator.CreateInstance(typeof(Getter<,>).MakeGenericType(property.DeclaringType!, property.PropertyType), property.GetMethod!.CreateDelegate(typeof(Func<,>).MakeGenericType(property.DeclaringType!, property.PropertyType)))!;
    }

    private sealed class Getter<TRow, TValue>(Func<TRow, TValue> read) : Getter
    {
        public override object? Get(object row) => read((TRow)row);
    }
}
