using System.Data.Common;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace TaskGrpc.Server.Storage;

/// <summary>A column of a prepared statement, as EF's model has it: its name, where its value stands in a row, and how it is stored.</summary>
internal sealed class Column(IProperty property, StoredValues values)
{
    private readonly Getter _getter = Getter.Of(property.PropertyInfo!);

    public IProperty Property { get; } = property;

    public string Name { get; } = property.GetColumnName();

    public string Parameter => "@" + Name;

    public object ValueOf(object row) => _getter.Get(row) is { } value ? values.Of(value) : DBNull.Value;

    public DbParameter AddTo(DbCommand command)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = Parameter;
        command.Parameters.Add(parameter);
        return parameter;
    }

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
