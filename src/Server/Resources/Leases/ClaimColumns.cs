using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Leases;

/// <summary>The columns that every kind has whose resources can be claimed.</summary>
internal static class ClaimColumns
{
    /// <param name="columns">The kind's columns.</param>
    /// <param name="readyFor">Who may claim a resource now: null for nobody, empty for everybody, else the one USER.</param>
    public static Columns<T> Claims<T>(this Columns<T> columns, Func<T, string?> readyFor)
        where T : IClaimable => columns
        .Hidden("ready_for", readyFor)
        .Text("lease.holder.id", resource => resource.Lease?.Holder.Id)
        .Text("lease.worker", resource => resource.Lease?.Worker)
        .Number("claim_count", resource => resource.ClaimCount)
        .Number("expired_leases", resource => resource.ExpiredLeases)
        .Text("traceparent", resource => resource.Traceparent is { Length: > 0 } trace ? trace : null);
}
