using Microsoft.Extensions.Options;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// Bounds the duration of calls whose own deadline is later or missing. A watch has no bound. A Get is one index look-up, and a timer
/// would be a tenth of its work: only its own deadline counts.
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
