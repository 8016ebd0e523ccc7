using System.Data.Common;
using System.Globalization;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>How ids and moments are stored: as they are, unless a database has no such types.</summary>
internal class StoredValues
{
    public virtual object Of(Guid id) => id;

    public virtual object Of(DateTimeOffset moment) => moment;

    public object Of(object value) => value switch
    {
        Guid id => Of(id),
        DateTimeOffset moment => Of(moment),
        _ => value,
    };

    /// <summary>A value as the rows have it, of the column's type.</summary>
    public object From(object value, Type type) =>
        type == typeof(Guid) ? Id(value)
        : type == typeof(DateTimeOffset) ? Moment(value)
        : type == typeof(int) ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
        : type == typeof(bool) ? Convert.ToBoolean(value, CultureInfo.InvariantCulture)
        : value;

    public virtual Guid Id(DbDataReader reader, int column) => reader.GetGuid(column);

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

    public virtual DateTimeOffset Moment(DbDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    protected virtual Guid Id(object stored) => (Guid)stored;

    // What a column with a time zone comes as depends on how it is asked for.
    protected virtual DateTimeOffset Moment(object stored) => stored is DateTimeOffset moment ? moment : new DateTimeOffset((DateTime)stored, TimeSpan.Zero);
}
