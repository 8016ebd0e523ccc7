using System.Globalization;

namespace TaskGrpc.Load.Measuring;

/// <summary>What a worker printed about a job that it has completed, as it believes.</summary>
/// <param name="Id">The job.</param>
/// <param name="Claim">The number of the worker's claim, given by the server: a later claim of the job has a higher one.</param>
/// <param name="Outcome">What became of its completion.</param>
internal sealed record FinishedJob(string Id, long Claim, string Outcome)
{
    /// <summary>The completion changed the job.</summary>
    public bool IsAccepted => Outcome == "accepted";

    /// <summary>The worker got an error. Otherwise it believes that its completion counts, even if it changed nothing.</summary>
    public bool IsRefused => Outcome == "refused";

    public static FinishedJob Parse(string line)
    {
        var parts = line.Split(' ');
        return new FinishedJob(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
    }
}
