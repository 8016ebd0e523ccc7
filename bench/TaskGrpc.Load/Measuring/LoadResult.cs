namespace TaskGrpc.Load.Measuring;

/// <summary>The result of one phase.</summary>
/// <param name="Elapsed">The length of the phase.</param>
/// <param name="ServerCpu">The server's CPU time in the phase.</param>
/// <param name="Latencies">The time of each call in milliseconds, sorted.</param>
internal sealed record LoadResult(TimeSpan Elapsed, TimeSpan ServerCpu, double[] Latencies)
{
    public void Print(string what) =>
        Console.WriteLine(
            $"| {what} | {Latencies.Length / Elapsed.TotalSeconds:N0}/s | {At(0.5):F2} | {At(0.99):F2} | "
            + $"{ServerCpu.TotalMicroseconds / Latencies.Length:F0} |");

    private double At(double quantile) => Latencies[(int)((Latencies.Length - 1) * quantile)];
}
