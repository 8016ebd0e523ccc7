using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// A prepared statement of the commit path or a Get, with parameters bound by position. An ADO.NET command looks up each parameter by
/// name at each use, and makes a reader even for a statement without rows: a tenth of the cost of a create in the lane.
/// </summary>
internal sealed class SqliteStatement(SqliteConnection connection, string sql) : IDisposable
{
    private sqlite3_stmt? _statement;

    /// <summary>The parameters that are not NULL, as bits by their places.</summary>
    private ulong _values;

    /// <summary>Sets a parameter, counted from 1, to a value as its column stores it.</summary>
    public void Bind(int place, object? value)
    {
        var bit = place < 64 ? 1UL << place : 0;
        if (value is null && bit != 0 && (_values & bit) == 0)
        {
            // NULL since the statement was prepared or last bound: half of a new task's columns.
            return;
        }

        _values = value is null ? _values & ~bit : _values | bit;
        var statement = _statement ??= Prepare();
        Check(value switch
        {
            null => raw.sqlite3_bind_null(statement, place),
            string text => BindText(statement, place, text),
            byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
            Guid id => BindId(statement, place, id),
            DateTimeOffset moment => raw.sqlite3_bind_int64(statement, place, SqliteValues.Microseconds(moment)),
            int number => raw.sqlite3_bind_int(statement, place, number),
            long number => raw.sqlite3_bind_int64(statement, place, number),
            bool flag => raw.sqlite3_bind_int(statement, place, flag ? 1 : 0),
            _ => throw new InvalidOperationException($"The commit path does not support values of type {value.GetType().Name} yet."),
        });
    }

    /// <summary>Runs a statement without result rows, and returns how many rows it changed.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public int Execute()
    {
        var statement = _statement ??= Prepare();
        raw.sqlite3_step(statement);
        // The reset returns the error of the step, and leaves nothing that a rollback must wait for.
        Check(raw.sqlite3_reset(statement));
        return raw.sqlite3_changes(connection.Handle);
    }

    /// <summary>Goes to the next row; false if there is none.</summary>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement ??= Prepare());
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(result);
        }

        return result == raw.SQLITE_ROW;
    }

    /// <summary>A number of the row, by its column counted from 0.</summary>
    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A copy of the bytes of the row, by their column counted from 0.</summary>
    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    /// <summary>Ends the statement's run. Step has already reported an error.</summary>
    public void Reset()
    {
        if (_statement is { } statement)
        {
            raw.sqlite3_reset(statement);
        }
    }

    public void Dispose() => _statement?.Dispose();

    private static int BindId(sqlite3_stmt statement, int place, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        SqliteValues.Write(id, bytes);
        return raw.sqlite3_bind_blob(statement, place, bytes);
    }

    private static int BindText(sqlite3_stmt statement, int place, string text)
    {
        const int Few = 64;
        if (text.Length == 0)
        {
            // An empty span has no address, which means NULL to SQLite.
            return raw.sqlite3_bind_text(statement, place, "");
        }

        Span<byte> bytes = text.Length <= Few ? stackalloc byte[Few * 3] : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return raw.sqlite3_bind_text(statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private sqlite3_stmt Prepare()
    {
        Check(raw.sqlite3_prepare_v3(connection.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return statement;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
