using CsCheck;
using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sqlite.Log;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Every reader sees gathered writes to the log: other connections, the writer, and a process after a crash.</summary>
public sealed class GatheredLogTests : IDisposable
{
    /// <summary>Statements of one page and of hundreds of pages.</summary>
    private static readonly Gen<string> Statements = Gen.OneOf(
        Gen.Int[1, 400]
            .Select(rows =>
                $"WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < {rows}) INSERT INTO t SELECT i, 0, "
                + "zeroblob(700) FROM s"),
        Gen.Int[0, 9].Select(digit => $"UPDATE t SET n = n + 1 WHERE x % 10 = {digit}"),
        Gen.Int[0, 9].Select(digit => $"DELETE FROM t WHERE x % 10 = {digit}"));

    private readonly TemporaryFolder _folder = new();
    private int _databases;

    public GatheredLogTests() => SqliteGatheredLog.Register();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("OFF", 512)]
    [InlineData("NORMAL", 2048)]
    [InlineData("FULL", 2048)]
    [InlineData("FULL", 65536)]
    public void A_commit_Is_in_the_files_once_it_has_returned(string synchronous, int pageSize)
    {
        var path = Path.Combine(_folder.Path, "tasks.db");
        using var writer = Open(path, SqliteGatheredLog.Name,
            $"PRAGMA page_size = {pageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = "
            + "0; CREATE TABLE t (x BLOB)");
        using var reader = Open(path, vfs: "");
        for (var commits = 1L; commits <= 6; commits++)
        {
            // Less than the buffer holds, and many times as much.
            Execute(writer, $"INSERT INTO t VALUES (zeroblob({(commits % 2 == 0 ? 1_000_000 : 10)}))");

            Assert.Equal(commits, Scalar(reader, "SELECT count(*) FROM t"));
            var crashed = Path.Combine(_folder.Path, $"crashed-{commits}.db");
            File.Copy(path, crashed);
            File.Copy(path + "-wal", crashed + "-wal");
            using var survivor = Open(crashed, vfs: "");
            Assert.Equal(commits, Scalar(survivor, "SELECT count(*) FROM t"));
        }
    }

    [Fact]
    public void Transactions_that_outgrow_their_cache_Keep_and_undo_what_they_do_over_the_systems_own_files() =>
        Gen.Select(Statements.Array[1, 5], Gen.Bool).Array[1, 6].Sample(
            transactions => Assert.Equal(After(transactions, vfs: ""), After(transactions, SqliteGatheredLog.Name)),
            iter: 30);

    /// <summary>What a new connection reads after these transactions; the true ones are committed.</summary>
    private string After((string[] Statements, bool IsCommitted)[] transactions, string vfs)
    {
        var path = Path.Combine(_folder.Path, $"{Interlocked.Increment(ref _databases)}.db");
        using var writer = Open(path, vfs,
            "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA cache_size = 10; CREATE TABLE t (x INTEGER, n INTEGER, body "
            + "BLOB)");
        foreach (var (statements, isCommitted) in transactions)
        {
            Execute(writer, $"BEGIN; {string.Join(";", statements)}; {(isCommitted ? "COMMIT" : "ROLLBACK")}");
        }

        using var reader = Open(path, vfs: "");
        return $"{Scalar(reader, "PRAGMA integrity_check")} {Scalar(reader, "SELECT group_concat(x || ':' || n) FROM t")}";
    }

    private static SqliteConnection Open(string path, string vfs, string sql = "")
    {
        var connection =
            new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Vfs = vfs, Pooling = false }.ConnectionString);
        connection.Open();
        Execute(connection, sql);
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
