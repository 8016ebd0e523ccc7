using Microsoft.Extensions.Options;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// Ends calls after the longest time that one may take, where their own deadline is later or missing. A watch lasts as long as it is read. A
/// Get is one step along an index, and a timer would be a tenth of its work: it has its own deadline, or none.
/// </summary>
internal sealed class LongestCall(IOptions<LimitOptions> options, TimeProvider time)
{
    /// <summary>When a call ends.</summary>
    /// <param name="served">The call.</param>
    /// <param name="own">Its own deadline; null for none.</param>
    public DateTimeOffset? DeadlineOf(ServedCall served, DateTimeOffset? own)
    {
        if (served.Handler is { Stream: not null } or { IsBrief: true })
        {
            return own;
        }

        var last = time.GetUtcNow() + (served.Handler.IsCount ? options.Value.CountTime : options.Value.LongestCall);
        return own < last ? own : last;
    }
}
