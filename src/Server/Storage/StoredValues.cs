using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>How this provider stores ids and moments, taken from EF's model for the statements that EF does not write.</summary>
internal sealed class StoredValues
{
    private readonly ValueConverter? _id;
    private readonly ValueConverter? _moment;

    public StoredValues(TaskDb db)
    {
        var changes = db.Model.FindEntityType(typeof(ChangeRow))!;
        _id = changes.FindProperty(nameof(ChangeRow.ResourceId))!.GetTypeMapping().Converter;
        _moment = changes.FindProperty(nameof(ChangeRow.ChangedAt))!.GetTypeMapping().Converter;
    }

    public object Of(Guid id) => _id?.ConvertToProvider(id) ?? id;

    public object Of(DateTimeOffset moment) => _moment?.ConvertToProvider(moment) ?? moment;

    public object Of(object value) => value switch
    {
        Guid id => Of(id),
        DateTimeOffset moment => Of(moment),
        _ => value,
    };

    /// <summary>A value as the rows have it, of the column's type.</summary>
    public object From(object value, Type type) =>
        type == typeof(Guid) ? _id?.ConvertFromProvider(value) ?? value
        : type == typeof(DateTimeOffset) ? _moment?.ConvertFromProvider(value) ?? Utc(value)
        : type == typeof(int) ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
        : value;

    public Guid Id(DbDataReader reader, int column) =>
        (Guid)(_id?.ConvertFromProvider(reader.GetValue(column)) ?? reader.GetGuid(column));

    /// <summary>All ids that a query of ids finds; the reader is read to its end.</summary>
    public List<Guid> Ids(DbDataReader reader)
    {
        using (reader)
        {
            var ids = new List<Guid>();
            while (reader.Read())
            {
                ids.Add(Id(reader, 0));
            }

            return ids;
        }
    }

    /// <summary>The one id that a query of ids finds; null if it finds none.</summary>
    public Guid? IdOrNull(DbDataReader reader)
    {
        using (reader)
        {
            return reader.Read() ? Id(reader, 0) : null;
        }
    }

    public DateTimeOffset Moment(DbDataReader reader, int column) =>
        (DateTimeOffset)(_moment?.ConvertFromProvider(reader.GetValue(column)) ?? reader.GetFieldValue<DateTimeOffset>(column));

    // What a column with a time zone comes as depends on how it is asked for.
    private static DateTimeOffset Utc(object value) => value is DateTimeOffset moment ? moment : new DateTimeOffset((DateTime)value, TimeSpan.Zero);
}
