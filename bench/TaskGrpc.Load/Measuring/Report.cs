using System.Text.Json;

namespace TaskGrpc.Load.Measuring;

/// <summary>Everything that a run has found, told as it is found, and once more as a whole.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly List<ReportRow> _rows = [];
    private readonly List<Verdict> _verdicts = [];

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

    /// <summary>A figure that is to be at least so much.</summary>
    public void AtLeast(string what, double[] values, double must, double aim) => Judge(new Verdict(what, values, must, aim, AtMost: false));

    /// <summary>A figure that is to be at most so much.</summary>
    public void AtMost(string what, double[] values, double must, double aim) => Judge(new Verdict(what, values, must, aim, AtMost: true));

    /// <param name="scale">The share of the data sets and watchers that was made.</param>
    public void End(double scale)
    {
        if (_verdicts.Count > 0)
        {
            Console.WriteLine($"\n{Verdict.Head}");
            _verdicts.ForEach(Console.WriteLine);
            if (scale < 1)
            {
                Console.WriteLine($"\nWith {scale:P1} of the data and watchers that the targets name, these verdicts say nothing of the server.");
            }
        }

        Console.WriteLine($"\n{Environment.ProcessorCount} processors, shared by the client and whatever is measured; {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}.");
    }

    public Task WriteAsync(string path) => File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { Rows = _rows, Targets = _verdicts }, Json));

    private void Judge(Verdict verdict)
    {
        // What was not asked for has not been measured.
        if (verdict.Values.Length > 0)
        {
            _verdicts.Add(verdict);
        }
    }
}
