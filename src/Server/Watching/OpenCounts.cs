using System.Runtime.InteropServices;

namespace TaskGrpc.Server.Watching;

/// <summary>Counts open streams by key, and forgets a key with none. Its owner must lock it.</summary>
internal sealed class OpenCounts<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _counts = [];

    public int Of(TKey key) => _counts.GetValueOrDefault(key);

    public void Enter(TKey key) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;

    public void Leave(TKey key)
    {
        if (--CollectionsMarshal.GetValueRefOrNullRef(_counts, key) == 0)
        {
            _counts.Remove(key);
        }
    }
}
