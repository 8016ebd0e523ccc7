using System.Text.Json;

namespace TaskGrpc.Load.Measuring;

/// <summary>The results of a run, printed as they arrive, and at the end as a whole.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly List<ReportRow> _rows = [];
    private readonly List<Verdict> _verdicts = [];
    private readonly List<string> _notes = [];

    public bool IsMet => _verdicts.TrueForAll(verdict => verdict.IsMet);

    public void Begin() => Console.WriteLine(ReportRow.Head);

    public Comparison Add(Comparison comparison)
    {
        foreach (var row in comparison.Rows())
        {
            _rows.Add(row);
            Console.WriteLine(row);
        }

        return comparison;
    }

    /// <summary>A result that fits no table; printed below the rows.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>A figure with a lower bound.</summary>
    public void AtLeast(string what, double[] values, double must, double aim) =>
        Judge(new Verdict(what, values, must, aim, AtMost: false));

    /// <summary>A figure with an upper bound.</summary>
    public void AtMost(string what, double[] values, double must, double aim) => Judge(new Verdict(what, values, must, aim, AtMost: true));

    /// <param name="scale">The share of the data sets and watchers that the run used.</param>
    public void End(double scale)
    {
        if (_notes.Count > 0)
        {
            Console.WriteLine();
            _notes.ForEach(note => Console.WriteLine($"- {note}"));
        }

        if (_verdicts.Count > 0)
        {
            Console.WriteLine($"\n{Verdict.Head}");
            _verdicts.ForEach(Console.WriteLine);
            if (scale < 1)
            {
                Console.WriteLine($"\nThe run used {scale:P1} of the targets' data and watchers: the verdicts do not count.");
            }
        }

        var framework = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription;
        Console.WriteLine($"\n{Environment.ProcessorCount} processors, shared by the client and the measured processes; {framework}.");
    }

    public Task WriteAsync(string path) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { Rows = _rows, Notes = _notes, Targets = _verdicts }, Json));

    private void Judge(Verdict verdict)
    {
        // A comparison that `--only` excludes has no values.
        if (verdict.Values.Length > 0)
        {
            _verdicts.Add(verdict);
        }
    }
}
