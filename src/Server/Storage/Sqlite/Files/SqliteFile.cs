using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>An open file of SQLite, laid out as the start of its <c>sqlite3_file</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SqliteFile
{
    public SqliteFileMethods* Methods;
}

/// <summary>SQLite's functions for an open file, laid out as its <c>sqlite3_io_methods</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SqliteFileMethods
{
    private readonly int _version;

    public delegate* unmanaged[Cdecl]<SqliteFile*, int> Close;

    public delegate* unmanaged[Cdecl]<SqliteFile*, byte*, int, long, int> Read;

    public delegate* unmanaged[Cdecl]<SqliteFile*, byte*, int, long, int> Write;

    public delegate* unmanaged[Cdecl]<SqliteFile*, long, int> Truncate;

    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Sync;

    public delegate* unmanaged[Cdecl]<SqliteFile*, long*, int> Size;

    private readonly Rest _rest;

    /// <summary>The functions from <c>xLock</c> to <c>xUnfetch</c>.</summary>
    [InlineArray(12)]
    private struct Rest
    {
        private nint _function;
    }
}
