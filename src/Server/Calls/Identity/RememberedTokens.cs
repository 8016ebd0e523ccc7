using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// A cache of callers by validated tokens, so that a signature is checked once and not at every call. It keeps only valid tokens, so
/// forged ones cannot fill it, and only their SHA-256.
/// </summary>
/// <param name="most">The most tokens.</param>
/// <param name="mostCharacters">The most characters of these tokens together: an entry is no larger than its token.</param>
internal sealed class RememberedTokens(int most = RememberedTokens.Most, long mostCharacters = RememberedTokens.MostCharacters)
{
    public const int Most = 20_000;

    public const long MostCharacters = 16 << 20;

    private readonly Lock _gate = new();

    // Two halves: a used entry moves to the young half; a full young half replaces the old one, whose unused entries are dropped.
    private volatile ConcurrentDictionary<Key, Entry> _young = [];
    private volatile ConcurrentDictionary<Key, Entry> _old = [];
    private long _youngCharacters;

    public int Count => _young.Count + _old.Count;

    /// <summary>The token's caller; null if the token is not kept, or was validated with other keys.</summary>
    /// <param name="token">The token as the caller sent it.</param>
    /// <param name="keys">The present keys.</param>
    public Identified? Find(ReadOnlySpan<char> token, TokenKeys keys)
    {
        var key = Key.Of(token);
        if (_young.TryGetValue(key, out var entry))
        {
            return entry.Keys == keys ? entry.Identified : null;
        }

        if (!_old.TryGetValue(key, out entry) || entry.Keys != keys)
        {
            return null;
        }

        Add(key, entry, token.Length);
        return entry.Identified;
    }

    /// <param name="token">A valid token.</param>
    /// <param name="keys">The keys as read before the validation: if they changed meanwhile, the entry never matches.</param>
    /// <param name="identified">The token's caller.</param>
    public void Keep(ReadOnlySpan<char> token, TokenKeys keys, Identified identified) =>
        Add(Key.Of(token), new Entry(keys, identified), token.Length);

    private void Add(Key key, Entry entry, int characters)
    {
        // Each half takes half of the bounds.
        if (characters > mostCharacters / 2)
        {
            return;
        }

        lock (_gate)
        {
            if (_young.Count >= most / 2 || _youngCharacters + characters > mostCharacters / 2)
            {
                (_old, _young, _youngCharacters) = (_young, [], 0);
            }

            if (_young.TryAdd(key, entry))
            {
                _youngCharacters += characters;
            }
            else
            {
                // Validated again, with newer keys.
                _young[key] = entry;
            }
        }
    }

    private sealed record Entry(TokenKeys Keys, Identified Identified);

    private readonly record struct Key(UInt128 First, UInt128 Second)
    {
        public static Key Of(ReadOnlySpan<char> token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(token), hash);
            return MemoryMarshal.Read<Key>(hash);
        }
    }
}
