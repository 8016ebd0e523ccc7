namespace TaskGrpc.Server.Hosting;

/// <summary>Finds the known name nearest to a misspelt one.</summary>
internal static class NearestName
{
    /// <summary>The most mistakes in a recognized name.</summary>
    private const int Mistakes = 3;

    /// <summary>The letters that a name must have for each mistake: a short name with two would be near to anything.</summary>
    private const int LettersForMistake = 3;

    /// <summary>The nearest known name, ignoring case; null if none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Min(Mistakes, nearest.Length / LettersForMistake) ? nearest : null;
    }

    /// <summary>The number of letters to add, remove, change, or swap with a neighbour.</summary>
    private static int Distance(string from, string to)
    {
        (from, to) = (from.ToUpperInvariant(), to.ToUpperInvariant());
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                rows[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[from.Length, to.Length];
    }
}
