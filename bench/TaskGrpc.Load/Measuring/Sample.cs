namespace TaskGrpc.Load.Measuring;

/// <summary>What one turn of one alternative has shown.</summary>
/// <param name="Rate">Operations a second.</param>
/// <param name="Cpu">Processor time of the measured process in µs an operation; NaN where it has none of its own.</param>
/// <param name="P50">The median of the operations' times in milliseconds; NaN where they have none.</param>
/// <param name="P99">The 99th percentile of the same.</param>
internal sealed record Sample(double Rate, double Cpu, double P50 = double.NaN, double P99 = double.NaN)
{
    /// <param name="elapsed">How long the turn took.</param>
    /// <param name="cpu">The measured process's time over it; null if it has none of its own.</param>
    /// <param name="latencies">Each operation's time in milliseconds, in any order.</param>
    public static Sample Of(TimeSpan elapsed, TimeSpan? cpu, IEnumerable<double> latencies)
    {
        double[] sorted = [.. latencies.Order()];
        return sorted.Length == 0
            ? new Sample(0, double.NaN)
            : new Sample(sorted.Length / elapsed.TotalSeconds, cpu?.TotalMicroseconds / sorted.Length ?? double.NaN, Quantile(sorted, 0.5), Quantile(sorted, 0.99));
    }

    public static double Quantile(IReadOnlyList<double> sorted, double quantile) => sorted[(int)((sorted.Count - 1) * quantile)];

    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);
}
