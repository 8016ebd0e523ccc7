using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TaskGrpc.Server.Storage.Sqlite.Files;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>SQLite's functions for opening files, as its <c>sqlite3_vfs</c>. Only the fields in use have names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct SqliteFileSystem
{
    private readonly int _version;

    /// <summary>How many bytes SQLite allocates for each open file.</summary>
    public int FileSize;

    private readonly int _longestPath;

    public SqliteFileSystem* Next;

    /// <summary>In UTF-8, ended by a zero.</summary>
    public byte* Name;

    private readonly void* _data;

    public delegate* unmanaged[Cdecl]<SqliteFileSystem*, byte*, SqliteFile*, int, int*, int> Open;

    private readonly Rest _rest;

    /// <summary>Finds a registered file system; null finds the default one.</summary>
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial SqliteFileSystem* Find(byte* name);

    /// <summary>Registers a file system by its name, for as long as the process lives.</summary>
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int Register(SqliteFileSystem* fileSystem, int isDefault);

    /// <summary>The functions from <c>xDelete</c> to <c>xNextSystemCall</c>.</summary>
    [InlineArray(15)]
    private struct Rest
    {
        private nint _function;
    }
}
