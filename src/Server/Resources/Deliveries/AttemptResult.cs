using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>How an attempt to deliver ended.</summary>
internal sealed record AttemptResult
{
    public static AttemptResult Succeeded { get; } = new() { Outcome = AttemptOutcome.Succeeded, IsUp = true };

    public required AttemptOutcome Outcome { get; init; }

    /// <summary>The HTTP status that was answered; null without an answer.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>What went wrong, for the owner of the monitor task; null on success. Never what the target sent: it may be a stranger's.</summary>
    public string? Error { get; init; }

    /// <summary>How long the target asked to be left alone; null if it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the endpoint was up; null if the attempt says nothing of that.</summary>
    public bool? IsUp { get; init; }

    /// <summary>Whether the target asked for fewer attempts (429), or something before it did (502, 504).</summary>
    public bool IsOverloaded { get; init; }

    /// <summary>The endpoint was not reached, or did not say anything that can be understood.</summary>
    public static AttemptResult Down(string error) => new() { Outcome = AttemptOutcome.Retryable, Error = error, IsUp = false };

    public static AttemptResult Retryable(string error) => new() { Outcome = AttemptOutcome.Retryable, Error = error };

    public static AttemptResult Permanent(string error) => new() { Outcome = AttemptOutcome.Permanent, Error = error };
}
