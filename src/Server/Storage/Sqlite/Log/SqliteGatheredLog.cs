using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TaskGrpc.Server.Storage.Sqlite.Files;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// SQLite's own file system, except that it gathers what a commit appends to the WAL and writes it in large pieces. SQLite writes each
/// page with two system calls. With data spread over many organizations a commit has hundreds of pages, and the calls took a quarter of
/// its time. A commit stays a commit: all of it is in the file once its last page is written, and before any sync or read.
/// </summary>
internal static unsafe class SqliteGatheredLog
{
    /// <summary>The name by which a connection selects it.</summary>
    public const string Name = "taskgrpc-gathered-log";

    /// <summary>How many bytes are gathered at most: few calls for a commit, and still in the processor's cache for the write.</summary>
    private const int Capacity = 128 * 1024;

    /// <summary>
    /// The length of a page's header in the WAL, and the offset in it of the database's size. Only a commit's last page has a size there
    /// (sqlite.org, fileformat2, §4.1).
    /// </summary>
    private const int PageHeader = 24;
    private const int DatabaseSize = 4;

    private static readonly Lock Gate = new();
    private static SqliteFileSystem* _system;

    /// <summary>Registers it with SQLite. Only the first call has an effect.</summary>
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
            // Only a connection that commits needs a buffer.
            log->Buffer = log->Buffer is null ? (byte*)NativeMemory.Alloc(Capacity) : log->Buffer;
        }

        NativeMemory.Copy(data, log->Buffer + log->Length, (nuint)count);
        log->Length += count;
        if (count == PageHeader)
        {
            log->IsCommit = BinaryPrimitives.ReadInt32BigEndian(new ReadOnlySpan<byte>(data + DatabaseSize, sizeof(int))) != 0;
            return raw.SQLITE_OK;
        }

        // Writes now, not at the next sync: below synchronous=FULL there is no sync, and other connections may read the commit from now
        // on.
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

    /// <summary>Writes the gathered bytes. On an error it drops them, and SQLite rolls back their commit.</summary>
    private static int Flush(SqliteFile* file, GatheredLog* log)
    {
        var length = log->Length;
        log->Length = 0;
        log->IsCommit = false;
        return length == 0 ? raw.SQLITE_OK : log->System->Write(file, log->Buffer, length, log->Offset);
    }

    /// <summary>The pointer to a file's gathered log, behind the memory that the system's own file needs.</summary>
    private static GatheredLog** Slot(SqliteFile* file) => (GatheredLog**)((byte*)file + _system->FileSize);

    /// <summary>The gathered bytes of one open WAL.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GatheredLog
    {
        /// <summary>The functions that SQLite calls.</summary>
        public SqliteFileMethods Methods;

        /// <summary>The system's own functions.</summary>
        public SqliteFileMethods* System;

        public byte* Buffer;

        /// <summary>How many bytes of the buffer wait to be written, and at which offset of the file.</summary>
        public int Length;
        public long Offset;

        /// <summary>Whether the last header was that of a commit's last page.</summary>
        public bool IsCommit;
    }
}
