using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// SQLite's own cache of pages, except for the number under which it keeps a page for a moment while two pages swap their numbers. A
/// split swaps pages, and SQLite uses the number of the page at 1 GiB, which holds no data. From then on the cache believes to have a
/// page far behind the file's end, and the next commit looks through all cached pages for such: an eighth of the commit path's time. No
/// page has the number 0, so it serves as well.
/// </summary>
internal static unsafe class SqlitePageCache
{
    /// <summary>The offset of the bytes that SQLite locks, and whose page it never uses (sqlite.org, fileformat2, §1.4).</summary>
    private const uint LockedBytes = 0x40000000;

    private static readonly Lock Gate = new();

    /// <summary>The number of the page that is never used, for each open cache.</summary>
    private static readonly ConcurrentDictionary<nint, uint> Unused = new();

    private static SqlitePageCacheMethods _own;
    private static bool _isDecided;

    /// <summary>Whether SQLite uses it. It does not if something else in this process has used SQLite before.</summary>
    public static bool IsUsed { get; private set; }

    /// <summary>Has SQLite use it in this process. Only the first call has an effect.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            // Apple's processors pass the pointer of a function with variable arguments elsewhere.
            if (_isDecided || OperatingSystem.IsMacOS())
            {
                return;
            }

            _isDecided = true;
            SqlitePageCacheMethods methods;
            if (SqlitePageCacheMethods.Get(&methods) != raw.SQLITE_OK)
            {
                return;
            }

            _own = methods;
            methods.Create = &Create;
            methods.Rekey = &Rekey;
            methods.Destroy = &Destroy;
            IsUsed = SqlitePageCacheMethods.Set(&methods) == raw.SQLITE_OK;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Create(int pageSize, int extra, int isPurgeable)
    {
        var cache = _own.Create(pageSize, extra, isPurgeable);
        if (cache != 0)
        {
            Unused[cache] = (LockedBytes / (uint)pageSize) + 1;
        }

        return cache;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Rekey(nint cache, void* page, uint from, uint to)
    {
        var unused = Unused.GetValueOrDefault(cache);
        _own.Rekey(cache, page, from == unused ? 0 : from, to == unused ? 0 : to);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(nint cache)
    {
        Unused.TryRemove(cache, out _);
        _own.Destroy(cache);
    }
}
