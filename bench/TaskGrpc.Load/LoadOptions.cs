using System.Globalization;

namespace TaskGrpc.Load;

/// <summary>What the command line says.</summary>
internal sealed record LoadOptions
{
    /// <summary>How long each turn of each alternative takes.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long each alternative runs before anything counts: JIT and tiering decide the first seconds.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How many turns each alternative gets.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>The share of the data sets and watchers that is made: 1 for all, a small fraction for a smoke run.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether a target that is missed fails the run.</summary>
    public bool Check { get; init; }

    /// <summary>Where to write what was found; null for nowhere.</summary>
    public string? Json { get; init; }

    /// <summary>What the titles of the comparisons that run have in them; empty for all.</summary>
    public string Only { get; init; } = "";

    /// <summary>A count of the real run, cut down with the others in a smoke run.</summary>
    public int Count(int whole, int least = 10) => Math.Max(least, (int)(whole * Scale));

    public static LoadOptions Parse(IReadOnlyList<string> args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--check" => options with { Check = true },
                "--smoke" => options with { Turn = TimeSpan.FromSeconds(0.3), WarmUp = TimeSpan.FromSeconds(0.3), Rounds = 1, Scale = 0.001 },
                "--rounds" when i + 1 < args.Count => options with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--seconds" when i + 1 < args.Count => options with { Turn = TimeSpan.FromSeconds(double.Parse(args[++i], CultureInfo.InvariantCulture)) },
                "--warm-up" when i + 1 < args.Count => options with { WarmUp = TimeSpan.FromSeconds(double.Parse(args[++i], CultureInfo.InvariantCulture)) },
                "--scale" when i + 1 < args.Count => options with { Scale = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--only" when i + 1 < args.Count => options with { Only = args[++i] },
                "--json" when i + 1 < args.Count => options with { Json = args[++i] },
                var unknown => throw new FormatException($"'{unknown}' is not an option, or lacks its value. There are --check, --smoke, --rounds N, --seconds N, --warm-up N, --scale F, --json FILE."),
            };
        }

        return options;
    }
}
