namespace TaskGrpc.Load.Measuring;

/// <summary>What one phase has shown.</summary>
/// <param name="Elapsed">How long it took.</param>
/// <param name="ServerCpu">The server's processor time over it.</param>
/// <param name="Latencies">Each call's time in milliseconds, sorted.</param>
internal sealed record LoadResult(TimeSpan Elapsed, TimeSpan ServerCpu, double[] Latencies)
{
    public void Print(string what) =>
        Console.WriteLine($"| {what} | {Latencies.Length / Elapsed.TotalSeconds:N0}/s | {At(0.5):F2} | {At(0.99):F2} | {ServerCpu.TotalMicroseconds / Latencies.Length:F0} |");

    private double At(double quantile) => Latencies[(int)((Latencies.Length - 1) * quantile)];
}
