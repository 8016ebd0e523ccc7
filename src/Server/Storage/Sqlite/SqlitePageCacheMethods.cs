using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>SQLite's functions for a cache of pages, as its <c>sqlite3_pcache_methods2</c>. Only the fields in use have names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct SqlitePageCacheMethods
{
    private const int SetOption = 18;
    private const int GetOption = 19;

    private readonly int _version;
    private readonly void* _argument;
    private readonly void* _init;
    private readonly void* _shutdown;

    public delegate* unmanaged[Cdecl]<int, int, int, nint> Create;

    private readonly void* _size;
    private readonly void* _count;
    private readonly void* _fetch;
    private readonly void* _unpin;

    public delegate* unmanaged[Cdecl]<nint, void*, uint, uint, void> Rekey;

    private readonly void* _truncate;

    public delegate* unmanaged[Cdecl]<nint, void> Destroy;

    private readonly void* _shrink;

    /// <summary>Reads the functions that SQLite uses now. It refuses that, and the change, once it is in use.</summary>
    public static int Get(SqlitePageCacheMethods* methods) => Configure(GetOption, methods);

    /// <summary>Has SQLite use these functions for every cache of the process.</summary>
    public static int Set(SqlitePageCacheMethods* methods) => Configure(SetOption, methods);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_config")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Configure(int option, SqlitePageCacheMethods* methods);
}
