namespace TaskGrpc.Server.Filtering;

/// <summary>The order of texts by their UTF-8 bytes, as both databases sort: UTF-16's own order puts what lies above U+FFFF too early.</summary>
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
                // Halves of a pair stand for characters above all others.
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
