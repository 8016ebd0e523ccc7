using System.Data.Common;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>A resource that a cascade covers. A cascade changes them in this order.</summary>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Id">The resource.</param>
internal readonly record struct Covered(DateTimeOffset CreatedAt, Guid Id)
{
    /// <summary>Before every resource.</summary>
    public static Covered None { get; } = new(DateTimeOffset.UnixEpoch, Guid.Empty);

    /// <summary>All that a query finds. Disposes of the reader.</summary>
    public static List<Covered> Read(DbDataReader reader, StoredValues values)
    {
        using (reader)
        {
            var covered = new List<Covered>();
            while (reader.Read())
            {
                covered.Add(new Covered(values.Moment(reader, 0), values.Id(reader, 1)));
            }

            return covered;
        }
    }
}
