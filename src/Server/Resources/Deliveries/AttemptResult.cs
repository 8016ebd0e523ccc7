using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>How an attempt to deliver ended.</summary>
internal sealed record AttemptResult
{
    public static AttemptResult Succeeded { get; } = new() { Outcome = AttemptOutcome.Succeeded, IsUp = true };

    public required AttemptOutcome Outcome { get; init; }

    /// <summary>The HTTP status of the response; null without a response.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>What went wrong, for the owner of the monitor task; null on success. It never contains what the target sent.</summary>
    public string? Error { get; init; }

    /// <summary>The Retry-After that the target sent; null if it sent none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the endpoint was up; null if the attempt does not show it.</summary>
    public bool? IsUp { get; init; }

    /// <summary>Whether the target (429) or a gateway before it (502, 504) is overloaded.</summary>
    public bool IsOverloaded { get; init; }

    /// <summary>The attempt did not reach the endpoint, or got no valid response.</summary>
    public static AttemptResult Down(string error) => new() { Outcome = AttemptOutcome.Retryable, Error = error, IsUp = false };

    public static AttemptResult Retryable(string error) => new() { Outcome = AttemptOutcome.Retryable, Error = error };

    public static AttemptResult Permanent(string error) => new() { Outcome = AttemptOutcome.Permanent, Error = error };
}
