namespace TaskGrpc.Server.Resources.Work;

/// <summary>Compares places in the order of claims, as the database does.</summary>
internal sealed class RankOrder : IComparer<object[]>
{
    public static RankOrder Instance { get; } = new();

    public int Compare(object[]? x, object[]? y)
    {
        for (var i = 0; i < x!.Length; i++)
        {
            if (((IComparable)x[i]).CompareTo(y![i]) is var order and not 0)
            {
                return order;
            }
        }

        return 0;
    }
}
