using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace TaskGrpc.Server.Storage;

/// <summary>A column of a prepared statement, as EF's model has it: its name, where its value stands in a row, and how it is stored.</summary>
internal sealed class Column
{
    private readonly IClrPropertyGetter _getter;
    private readonly Func<object?, object?>? _convert;

    public Column(IProperty property)
    {
        Property = property;
        Name = property.GetColumnName();
        _getter = property.GetGetter();
        _convert = property.GetTypeMapping().Converter?.ConvertToProvider;
    }

    public IProperty Property { get; }

    public string Name { get; }

    public string Parameter => "@" + Name;

    public object ValueOf(object row)
    {
        var value = _getter.GetClrValueUsingContainingEntity(row);
        return (value is null || _convert is null ? value : _convert(value)) ?? DBNull.Value;
    }

    public DbParameter AddTo(DbCommand command)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = Parameter;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
