using System.Globalization;

namespace TaskGrpc.Load.Measuring;

/// <summary>A target and its result.</summary>
/// <param name="What">The figure's name.</param>
/// <param name="Values">The figure, turn by turn; the median counts.</param>
/// <param name="Must">The required bound.</param>
/// <param name="Aim">The desired bound.</param>
/// <param name="AtMost">Whether the bounds are upper bounds.</param>
internal sealed record Verdict(string What, double[] Values, double Must, double Aim, bool AtMost)
{
    public const string Head = "| target | measured, median [min–max] | must | aim | |\n|---|---|---|---|---|";

    public double Measured => Sample.Median(Values);

    public bool IsMet => Reaches(Must);

    public override string ToString()
    {
        var sign = AtMost ? "≤" : "≥";
        var verdict = !IsMet ? "**missed**" : Reaches(Aim) ? "aim" : "must";
        return string.Create(CultureInfo.InvariantCulture,
            $"| {What} | {Measured:N2} [{Values.Min():N2}–{Values.Max():N2}] | {sign} {Must} | {sign} {Aim} | {verdict} |");
    }

    private bool Reaches(double bound) => AtMost ? Measured <= bound : Measured >= bound;
}
