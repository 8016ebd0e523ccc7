namespace TaskGrpc.Server.Filtering;

/// <summary>The order of texts by their UTF-8 bytes, as both databases sort. UTF-16 sorts characters above U+FFFF too early.</summary>
internal static class Utf8Order
{
    public static int Compare(string one, string other)
    {
        var length = Math.Min(one.Length, other.Length);
        for (var i = 0; i < length; i++)
        {
            var (a, b) = (one[i], other[i]);
            if (a != b)
            {
                // Surrogates are halves of characters above U+FFFF, which come last.
                return (char.IsSurrogate(a), char.IsSurrogate(b)) switch
                {
                    (true, false) => 1,
                    (false, true) => -1,
                    _ => a - b,
                };
            }
        }

        return one.Length - other.Length;
    }
}
