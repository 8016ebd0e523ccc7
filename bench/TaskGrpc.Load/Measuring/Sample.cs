namespace TaskGrpc.Load.Measuring;

/// <summary>The result of one turn of one alternative.</summary>
/// <param name="Rate">Operations per second.</param>
/// <param name="Cpu">CPU time of the measured process per operation, in µs; NaN if it has no process of its own.</param>
/// <param name="P50">The median time of an operation in milliseconds; NaN without times.</param>
/// <param name="P99">The 99th percentile of the same.</param>
internal sealed record Sample(double Rate, double Cpu, double P50 = double.NaN, double P99 = double.NaN)
{
    /// <param name="elapsed">The length of the turn.</param>
    /// <param name="cpu">The measured process's CPU time in the turn; null if it has no process of its own.</param>
    /// <param name="latencies">The time of each operation in milliseconds, in any order.</param>
    public static Sample Of(TimeSpan elapsed, TimeSpan? cpu, IEnumerable<double> latencies)
    {
        double[] sorted = [.. latencies.Order()];
        return sorted.Length == 0
            ? new Sample(0, double.NaN)
            : new Sample(sorted.Length / elapsed.TotalSeconds, cpu?.TotalMicroseconds / sorted.Length ?? double.NaN,
                Quantile(sorted, 0.5), Quantile(sorted, 0.99));
    }

    public static double Quantile(IReadOnlyList<double> sorted, double quantile) => sorted[(int)((sorted.Count - 1) * quantile)];

    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);
}
