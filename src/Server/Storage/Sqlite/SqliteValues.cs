using System.Data.Common;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>UUIDs are 16 bytes in the order of their text, moments are integers: microseconds, UTC.</summary>
internal sealed class SqliteValues : StoredValues
{
    /// <summary>
    /// An id as it is stored: big-endian, because the little-endian layout of Guid would scatter UUIDv7's order of time.
    /// </summary>
    public static void Write(Guid id, Span<byte> bytes) => id.TryWriteBytes(bytes, bigEndian: true, out _);

    /// <summary>A moment as it is stored.</summary>
    public static long Microseconds(DateTimeOffset moment) =>
        (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A stored moment.</summary>
    public static DateTimeOffset Moment(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public override object Of(Guid id) => id.ToByteArray(bigEndian: true);

    public override object Of(DateTimeOffset moment) => Microseconds(moment);

    public override Guid Id(DbDataReader reader, int column) => Id(reader.GetFieldValue<byte[]>(column));

    public override DateTimeOffset Moment(DbDataReader reader, int column) => Moment(reader.GetInt64(column));

    protected override Guid Id(object stored) => new((byte[])stored, bigEndian: true);

    protected override DateTimeOffset Moment(object stored) => Moment((long)stored);
}
