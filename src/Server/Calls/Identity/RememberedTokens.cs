using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// Callers by the tokens that were validated in full, so that a signature is checked once and not with every call. Only what was accepted is kept: a stranger
/// fills nothing. The tokens themselves are not kept, only their SHA-256.
/// </summary>
/// <param name="most">How many tokens are kept at most.</param>
/// <param name="mostCharacters">How many characters those tokens have together at most: what is kept of a token is no larger than the token.</param>
internal sealed class RememberedTokens(int most = RememberedTokens.Most, long mostCharacters = RememberedTokens.MostCharacters)
{
    /// <summary>How many tokens one server keeps.</summary>
    public const int Most = 20_000;

    /// <summary>How many characters those tokens have together: 16 Mi.</summary>
    public const long MostCharacters = 16 << 20;

    private readonly Lock _gate = new();

    // Two halves: what is used moves to the young one, and a full young one becomes the old one. What was not used meanwhile goes with the old one.
    private volatile ConcurrentDictionary<Key, Entry> _young = [];
    private volatile ConcurrentDictionary<Key, Entry> _old = [];
    private long _youngCharacters;

    /// <summary>How many tokens are kept now.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>Whose token this is; null if it is not kept, or was validated with other keys.</summary>
    /// <param name="token">The token as the caller sent it.</param>
    /// <param name="keys">With what it would be validated now.</param>
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

    /// <param name="token">A token that was validated.</param>
    /// <param name="keys">The keys as they were before it was validated: if they changed meanwhile, the entry counts for nothing.</param>
    /// <param name="identified">Whose it is.</param>
    public void Keep(ReadOnlySpan<char> token, TokenKeys keys, Identified identified) => Add(Key.Of(token), new Entry(keys, identified), token.Length);

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
