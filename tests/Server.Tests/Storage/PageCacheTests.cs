using System.Runtime.CompilerServices;
using CsCheck;
using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Splits swap the numbers of pages under the server's own cache: SQLite keeps and undoes all rows as without it.</summary>
public sealed class PageCacheTests : IDisposable
{
    /// <summary>Rows at random places of the table and of its index, so that most splits swap pages.</summary>
    private static readonly Gen<string> Statements = Gen.OneOf(
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 1_000_000]).Select((rows, seed) =>
            $"WITH RECURSIVE s(i, x) AS (VALUES (1, {seed}) UNION ALL SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM s "
            + $"WHERE i < {rows}) INSERT OR IGNORE INTO t SELECT x, x * 7 % 1000003, zeroblob(x % 300) FROM s"),
        Gen.Int[0, 9].Select(digit => $"DELETE FROM t WHERE n % 10 = {digit}"));

    private readonly TemporaryFolder _folder = new();
    private int _databases;

    /// <summary>Before any test of this process uses SQLite.</summary>
    [ModuleInitializer]
    internal static void Register() => SqlitePageCache.Register();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Transactions_of_many_splits_Keep_and_undo_their_rows()
    {
        Assert.True(SqlitePageCache.IsUsed);
        Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.Select(Statements.Array[1, 5], Gen.Bool).Array[1, 8]).Sample(
            (size, isSmall, transactions) =>
            {
                var (pageSize, cacheSize) = (512 << (2 * size), isSmall ? 10 : 2000);
                var path = Path.Combine(_folder.Path, $"{Interlocked.Increment(ref _databases)}.db");
                var after = After(path, pageSize, cacheSize, transactions);

                Assert.StartsWith("ok", after, StringComparison.Ordinal);
                // Pages so large that few splits are needed.
                Assert.Equal(After(":memory:", 65536, cacheSize, transactions), after);
            },
            iter: 60);
    }

    private static string After(
        string path, int pageSize, int cacheSize, (string[] Statements, bool IsCommitted)[] transactions)
    {
        using var writer = Open(path);
        Scalar(writer,
            $"PRAGMA page_size = {pageSize}; PRAGMA journal_mode = WAL; PRAGMA cache_size = {cacheSize}; "
            + "CREATE TABLE t (x INTEGER PRIMARY KEY, n INTEGER, body BLOB); CREATE INDEX i ON t (n, x)");
        foreach (var (statements, isCommitted) in transactions)
        {
            Scalar(writer, $"BEGIN; {string.Join(";", statements)}; {(isCommitted ? "COMMIT" : "ROLLBACK")}");
        }

        using var other = Open(path);
        var reader = path == ":memory:" ? writer : other;
        return $"{Scalar(reader, "PRAGMA integrity_check")} {Scalar(reader, "SELECT group_concat(x || ':' || n) FROM (SELECT * FROM t "
            + "ORDER BY n, x)")}";
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
