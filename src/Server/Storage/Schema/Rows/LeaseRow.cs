using System.Data.Common;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// What a lease has that its resource does not show, because it is secret or moves without a revision. The row exists exactly while the
/// resource has a lease.
/// </summary>
internal sealed record LeaseRow
{
    /// <summary>The columns that <see cref="Of"/> reads first.</summary>
    public const string Columns = "kind, token, duration_microseconds, last_heartbeat_at, expires_at, wakes_at, progress";

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 7;

    public required string OrganizationId { get; init; }

    public required Guid ResourceId { get; init; }

    /// <summary>The resource's kind.</summary>
    public required int Kind { get; init; }

    /// <summary>Proves to every call that its caller holds the lease.</summary>
    public required string Token { get; init; }

    /// <summary>How long the lease lasts after a heartbeat that says nothing else.</summary>
    public TimeSpan Duration => TimeSpan.FromMicroseconds(DurationMicroseconds);

    public required long DurationMicroseconds { get; init; }

    public required DateTimeOffset LastHeartbeatAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When its row in the schedule is due. A heartbeat does not move it, unless the lease then ends sooner.</summary>
    public required DateTimeOffset WakesAt { get; init; }

    /// <summary>Progress that the log does not have yet, as its message's bytes; null if it has all.</summary>
    public byte[]? Progress { get; init; }

    /// <summary>Reads a row whose first columns are <see cref="Columns"/>.</summary>
    public static LeaseRow Of(DbDataReader reader, StoredValues values, string organizationId, Guid resourceId) => new()
    {
        OrganizationId = organizationId,
        ResourceId = resourceId,
        Kind = reader.GetInt32(0),
        Token = reader.GetString(1),
        DurationMicroseconds = reader.GetInt64(2),
        LastHeartbeatAt = values.Moment(reader, 3),
        ExpiresAt = values.Moment(reader, 4),
        WakesAt = values.Moment(reader, 5),
        Progress = reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6),
    };
}
