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
    public static List<Covered> Read(DbDataReader reader, StoredValues values) =>
        reader.All(row => new Covered(values.Moment(row, 0), values.Id(row, 1)));
}
