using System.Globalization;

namespace TaskGrpc.Load.Subjects;

/// <summary>A process and its children, as Linux lists them in /proc.</summary>
internal static class ProcessFamily
{
    private const double TicksPerSecond = 100;

    // The fields of /proc/PID/stat after the name, which may contain spaces: proc(5) counts from 1 and these from the third.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int EndedChildrensSystemTime = 14;
    private const int OwnTimes = 2;

    /// <summary>The CPU time so far of a process, its children, and those of its children that have ended.</summary>
    public static TimeSpan Cpu(int id)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other) || Read(folder) is not { } fields)
            {
                continue;
            }

            if (other == id)
            {
                ticks += Sum(fields, EndedChildrensSystemTime + 1 - UserTime);
            }
            else if (fields[Parent] == id.ToString(CultureInfo.InvariantCulture))
            {
                ticks += Sum(fields, OwnTimes);
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static long Sum(string[] fields, int count) =>
        fields.Skip(UserTime).Take(count).Sum(field => long.Parse(field, CultureInfo.InvariantCulture));

    /// <summary>The fields after the name; null for a process that has ended.</summary>
    private static string[]? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
