using System.Globalization;

namespace TaskGrpc.Load;

/// <summary>The options of the command line.</summary>
internal sealed record LoadOptions
{
    /// <summary>The length of one turn of one alternative.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long each alternative runs before the measurement: JIT and tiering dominate the first seconds.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The number of turns of each alternative.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>The share of the data sets and watchers: 1 for all, a small fraction for a smoke run.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether a missed target fails the run.</summary>
    public bool Check { get; init; }

    /// <summary>The file for the results; null for none.</summary>
    public string? Json { get; init; }

    /// <summary>A text in the titles of the comparisons to run; empty for all.</summary>
    public string Only { get; init; } = "";

    /// <summary>A count of the full run, multiplied by the scale, and at least the given minimum.</summary>
    public int Count(int whole, int least = 10) => Math.Max(least, (int)(whole * Scale));

    public static LoadOptions Parse(IReadOnlyList<string> args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--check" => options with { Check = true },
                "--smoke" =>
                    options with { Turn = TimeSpan.FromSeconds(0.3), WarmUp = TimeSpan.FromSeconds(0.3), Rounds = 1, Scale = 0.001 },
                "--rounds" when i + 1 < args.Count => options with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--seconds" when i + 1 < args.Count =>
                    options with { Turn = TimeSpan.FromSeconds(double.Parse(args[++i], CultureInfo.InvariantCulture)) },
                "--warm-up" when i + 1 < args.Count =>
                    options with { WarmUp = TimeSpan.FromSeconds(double.Parse(args[++i], CultureInfo.InvariantCulture)) },
                "--scale" when i + 1 < args.Count => options with { Scale = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--only" when i + 1 < args.Count => options with { Only = args[++i] },
                "--json" when i + 1 < args.Count => options with { Json = args[++i] },
                var unknown => throw new FormatException(
                    $"'{unknown}' is not an option, or lacks its value. The options are --check, --smoke, --rounds N, --seconds N, "
                        + "--warm-up N, "
                        + "--scale F, --only TEXT, --json FILE."),
            };
        }

        return options;
    }
}
