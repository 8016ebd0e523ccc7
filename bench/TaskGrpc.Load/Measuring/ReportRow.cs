using System.Globalization;

namespace TaskGrpc.Load.Measuring;

/// <summary>A row of the table.</summary>
/// <param name="What">The measured operation.</param>
/// <param name="Alternative">The alternative.</param>
/// <param name="Rates">Operations per second, turn by turn.</param>
/// <param name="Cpu">CPU time of the measured process per operation, in µs.</param>
/// <param name="P50">The median, in ms.</param>
/// <param name="P99">The 99th percentile, in ms.</param>
/// <param name="Ratios">The ratio of the first alternative's rate to this one's, turn by turn; empty for the first.</param>
internal sealed record ReportRow(string What, string Alternative, double[] Rates, double Cpu, double P50, double P99, double[] Ratios)
{
    public const string Head =
        "| what | on | rate, median [min–max] | CPU µs | p50 ms | p99 ms | ours / this, median [min–max] |\n|---|---|---|---|---|---|---|";

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"| {What} | {Alternative} | {Spread(Rates, Rates.Max() < 100 ? "N2" : "N0")} | {Number(Cpu, "N0")} | {Number(P50, "N2")} | "
            + $"{Number(P99, "N2")} | {Spread(Ratios, "N2")} |");

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";

    private static string Spread(double[] values, string format) =>
        values.Length == 0
            ? "" : $"{Number(Sample.Median(values), format)} [{Number(values.Min(), format)}–{Number(values.Max(), format)}]";
}
