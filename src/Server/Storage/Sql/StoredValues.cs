using System.Data.Common;
using System.Globalization;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>How ids and moments are stored: as they are, unless a database has no such types.</summary>
internal class StoredValues
{
    public static StoredValues AsTheyAre { get; } = new();

    public virtual object Of(Guid id) => id;

    public virtual object Of(DateTimeOffset moment) => moment;

    public object Of(object value) => value switch
    {
        Guid id => Of(id),
        DateTimeOffset moment => Of(moment),
        _ => value,
    };

    /// <summary>A stored value in the type of the row's property.</summary>
    public object From(object value, Type type) =>
        type == typeof(Guid) ? Id(value)
        : type == typeof(DateTimeOffset) ? Moment(value)
        : type == typeof(int) ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
        : type == typeof(bool) ? Convert.ToBoolean(value, CultureInfo.InvariantCulture)
        : value;

    public virtual Guid Id(DbDataReader reader, int column) => reader.GetGuid(column);

    /// <summary>All ids that a query finds. Reads the reader to its end and disposes of it.</summary>
    public List<Guid> Ids(DbDataReader reader) => reader.All(row => Id(row, 0));

    /// <summary>The id that a query finds; null if it finds none. Disposes of the reader.</summary>
    public Guid? IdOrNull(DbDataReader reader)
    {
        using (reader)
        {
            return reader.Read() ? Id(reader, 0) : null;
        }
    }

    public virtual DateTimeOffset Moment(DbDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    protected virtual Guid Id(object stored) => (Guid)stored;

    // Npgsql returns a timestamp with time zone as a DateTimeOffset or a DateTime, depending on the method that reads it.
    protected virtual DateTimeOffset Moment(object stored) =>
        stored is DateTimeOffset moment ? moment : new DateTimeOffset((DateTime)stored, TimeSpan.Zero);
}
