namespace TaskGrpc.Load.Measuring;

/// <summary>Alternatives measured in turns, A B C A B C …, so that disturbances of the machine affect all of them.</summary>
internal sealed class Comparison(string title, IReadOnlyList<Alternative> alternatives, IReadOnlyList<Sample[]> samples)
{
    public string Title { get; } = title;

    /// <summary>Warms every alternative up, then measures them in turns. Empty if `--only` excludes the title.</summary>
    public static async Task<Comparison> RunAsync(string title, LoadOptions options, params Alternative[] alternatives)
    {
        if (!title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return new Comparison(title, [], []);
        }

        foreach (var alternative in alternatives)
        {
            await alternative.MeasureAsync(options.WarmUp);
        }

        var samples = alternatives.Select(_ => new Sample[options.Rounds]).ToArray();
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < alternatives.Length; i++)
            {
                samples[i][round] = await alternatives[i].MeasureAsync(options.Turn);
            }
        }

        return new Comparison(title, alternatives, samples);
    }

    /// <summary>The ratio of the first alternative to another, turn by turn.</summary>
    /// <param name="other">The index of the other alternative.</param>
    /// <param name="figure">The figure to compare; null for the rate.</param>
    public double[] Ratios(int other, Func<Sample, double>? figure = null) => Ratios(0, other, figure ?? (sample => sample.Rate));

    /// <summary>The ratio of one alternative to another, turn by turn.</summary>
    public double[] Ratios(int one, int other, Func<Sample, double> figure) =>
        samples.Count == 0 ? [] : [.. samples[one].Zip(samples[other], (own, theirs) => figure(own) / figure(theirs))];

    /// <summary>A figure of one alternative, turn by turn. Empty if the comparison did not run.</summary>
    public double[] Figures(int alternative, Func<Sample, double> figure) =>
        samples.Count == 0 ? [] : [.. samples[alternative].Select(figure)];

    public double Median(int alternative, Func<Sample, double> figure) => Sample.Median(samples[alternative].Select(figure));

    public IEnumerable<ReportRow> Rows() => alternatives.Select((alternative, i) => new ReportRow(
        Title,
        alternative.Name,
        [.. samples[i].Select(sample => sample.Rate)],
        Median(i, sample => sample.Cpu),
        Median(i, sample => sample.P50),
        Median(i, sample => sample.P99),
        i == 0 ? [] : Ratios(i)));
}
