namespace TaskGrpc.Load.Measuring;

/// <summary>What workers that were stopped in between did with their jobs.</summary>
internal sealed class FinishedJobs(IReadOnlyCollection<FinishedJob> jobs)
{
    private readonly ILookup<string, FinishedJob> _byId = jobs.ToLookup(job => job.Id);

    /// <summary>The number of jobs.</summary>
    public int Count => _byId.Count;

    /// <summary>Jobs that more than one worker had begun and finished.</summary>
    public int Repeated => _byId.Count(job => job.Count() > 1);

    /// <summary>Jobs of which two completions were accepted.</summary>
    public int AcceptedTwice => _byId.Count(job => job.Count(end => end.IsAccepted) > 1);

    /// <summary>Jobs that two workers believe to have completed, because none of the two got an error.</summary>
    public int BelievedTwice => _byId.Count(job => job.Count(end => !end.IsRefused) > 1);

    /// <summary>
    /// Completions that were accepted from a worker though another worker had claimed the job since. A completed job is not claimed again,
    /// so every later claim came before the completion. Clocks of workers would not do: a worker that is stopped between the server's
    /// answer and its own look at the clock believes to have claimed later than it has.
    /// </summary>
    public int Stale => jobs.Count(end => end.IsAccepted && _byId[end.Id].Any(other => other.Claim > end.Claim));
}
