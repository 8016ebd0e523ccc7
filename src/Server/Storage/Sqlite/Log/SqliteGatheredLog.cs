using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TaskGrpc.Server.Storage.Sqlite.Files;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// SQLite's own file system, but for the write-ahead log: what a commit appends to it is gathered and written in large pieces. SQLite writes
/// each page by two calls of the system, and with data spread over many organizations a commit has hundreds of pages: a quarter of its time.
/// What a commit means stays as it is: it is in the file, whole, once its last page is written, and before anything is synced or read.
/// </summary>
internal static unsafe class SqliteGatheredLog
{
    /// <summary>The name by which a connection asks for it.</summary>
    public const string Name = "taskgrpc-gathered-log";

    /// <summary>How many bytes are gathered at most: few calls for a commit, and still in the processor's cache when they are written.</summary>
    private const int Capacity = 128 * 1024;

    /// <summary>Each page in the log has a header, in which only a commit's last page tells the size of the database (sqlite.org, fileformat2, §4.1).</summary>
    private const int PageHeader = 24;
    private const int DatabaseSize = 4;

    private static readonly Lock Gate = new();
    private static SqliteFileSystem* _system;

    /// <summary>Makes it known to SQLite; once is enough for a process.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_system is not null)
            {
                return;
            }

            var system = SqliteFileSystem.Find(null);
            // SQLite keeps both the copy and its name for as long as the process lives.
            var gathered = (SqliteFileSystem*)NativeMemory.Alloc((nuint)sizeof(SqliteFileSystem));
            *gathered = *system;
            gathered->Next = null;
            gathered->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
            gathered->FileSize = system->FileSize + sizeof(nint);
            gathered->Open = &Open;
            SqliteException.ThrowExceptionForRC(SqliteFileSystem.Register(gathered, isDefault: 0), null);
            _system = system;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(SqliteFileSystem* self, byte* name, SqliteFile* file, int flags, int* flagsOut)
    {
        var result = _system->Open(self, name, file, flags, flagsOut);
        if (result == raw.SQLITE_OK && (flags & raw.SQLITE_OPEN_WAL) != 0)
        {
            var log = (GatheredLog*)NativeMemory.AllocZeroed((nuint)sizeof(GatheredLog));
            log->System = file->Methods;
            log->Methods = *file->Methods;
            log->Methods.Close = &Close;
            log->Methods.Read = &Read;
            log->Methods.Write = &Write;
            log->Methods.Truncate = &Truncate;
            log->Methods.Sync = &Sync;
            log->Methods.Size = &Size;
            *Slot(file) = log;
            file->Methods = &log->Methods;
        }

        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(SqliteFile* file, byte* data, int count, long offset)
    {
        var log = *Slot(file);
        var fits = log->Length + count <= Capacity && offset == log->Offset + log->Length;
        if (!fits && Flush(file, log) is var flushed and not raw.SQLITE_OK)
        {
            return flushed;
        }

        if (log->Length == 0)
        {
            log->Offset = offset;
            // Only a connection that commits needs one.
            log->Buffer = log->Buffer is null ? (byte*)NativeMemory.Alloc(Capacity) : log->Buffer;
        }

        NativeMemory.Copy(data, log->Buffer + log->Length, (nuint)count);
        log->Length += count;
        if (count == PageHeader)
        {
            log->IsCommit = BinaryPrimitives.ReadInt32BigEndian(new ReadOnlySpan<byte>(data + DatabaseSize, sizeof(int))) != 0;
            return raw.SQLITE_OK;
        }

        // Not left to the sync that follows: where `synchronous` is less than FULL none does, and others read the commit from now on.
        return log->IsCommit ? Flush(file, log) : raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(SqliteFile* file, int flags) =>
        Flush(file, *Slot(file)) is var flushed and not raw.SQLITE_OK ? flushed : (*Slot(file))->System->Sync(file, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(SqliteFile* file, byte* data, int count, long offset) =>
        Flush(file, *Slot(file)) is var flushed and not raw.SQLITE_OK ? flushed : (*Slot(file))->System->Read(file, data, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(SqliteFile* file, long size) =>
        Flush(file, *Slot(file)) is var flushed and not raw.SQLITE_OK ? flushed : (*Slot(file))->System->Truncate(file, size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Size(SqliteFile* file, long* size) =>
        Flush(file, *Slot(file)) is var flushed and not raw.SQLITE_OK ? flushed : (*Slot(file))->System->Size(file, size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(SqliteFile* file)
    {
        var log = *Slot(file);
        var flushed = Flush(file, log);
        var closed = log->System->Close(file);
        NativeMemory.Free(log->Buffer);
        NativeMemory.Free(log);
        return flushed != raw.SQLITE_OK ? flushed : closed;
    }

    /// <summary>Writes what has been gathered. What cannot be written is not kept: SQLite is told, and undoes the commit that it belongs to.</summary>
    private static int Flush(SqliteFile* file, GatheredLog* log)
    {
        var length = log->Length;
        log->Length = 0;
        log->IsCommit = false;
        return length == 0 ? raw.SQLITE_OK : log->System->Write(file, log->Buffer, length, log->Offset);
    }

    /// <summary>Where a file has what is gathered for it: behind all that the system's own needs.</summary>
    private static GatheredLog** Slot(SqliteFile* file) => (GatheredLog**)((byte*)file + _system->FileSize);

    /// <summary>What has been gathered for one open log.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GatheredLog
    {
        /// <summary>What SQLite calls.</summary>
        public SqliteFileMethods Methods;

        /// <summary>What writes to the file.</summary>
        public SqliteFileMethods* System;

        public byte* Buffer;

        /// <summary>How many bytes of the buffer are to be written, and where in the file.</summary>
        public int Length;
        public long Offset;

        /// <summary>Whether the header that came last is that of a commit's last page.</summary>
        public bool IsCommit;
    }
}
