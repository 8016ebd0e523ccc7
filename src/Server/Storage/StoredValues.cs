using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>How this provider stores ids and moments, taken from EF's model for the statements that EF does not write.</summary>
internal sealed class StoredValues
{
    private readonly ValueConverter? _id;
    private readonly ValueConverter? _moment;

    public StoredValues(IModel model)
    {
        var changes = model.FindEntityType(typeof(ChangeRow))!;
        _id = changes.FindProperty(nameof(ChangeRow.ResourceId))!.GetTypeMapping().Converter;
        _moment = changes.FindProperty(nameof(ChangeRow.ChangedAt))!.GetTypeMapping().Converter;
    }

    public object Of(Guid id) => _id?.ConvertToProvider(id) ?? id;

    public object Of(DateTimeOffset moment) => _moment?.ConvertToProvider(moment) ?? moment;

    public Guid Id(DbDataReader reader, int column) =>
        (Guid)(_id?.ConvertFromProvider(reader.GetValue(column)) ?? reader.GetGuid(column));

    public DateTimeOffset Moment(DbDataReader reader, int column) =>
        (DateTimeOffset)(_moment?.ConvertFromProvider(reader.GetValue(column)) ?? reader.GetFieldValue<DateTimeOffset>(column));
}
