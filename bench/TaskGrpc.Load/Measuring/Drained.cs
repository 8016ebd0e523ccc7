namespace TaskGrpc.Load.Measuring;

/// <summary>What workers did with a queue until it was empty or the time was up.</summary>
/// <param name="Done">The number of jobs done.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Times">The times of claiming and completing, job by job or batch by batch, in milliseconds.</param>
internal sealed record Drained(int Done, TimeSpan Elapsed, IReadOnlyCollection<double> Times);
