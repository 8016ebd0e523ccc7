using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>Reads from EF's table of migrations which release of this program wrote a database, if any.</summary>
internal static class SqliteRelease
{
    /// <summary>Whether the newest migration, and so every migration, has been applied.</summary>
    /// <exception cref="RefusedToStartException">A newer release or another program wrote the database.</exception>
    public static bool IsUpToDate(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        // A migration that was interrupted at its start leaves at most EF's own tables.
        command.CommandText = """
            SELECT coalesce(sum(name = '__EFMigrationsHistory'), 0),
                   coalesce(sum(name NOT LIKE '\_\_EF%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'), 0)
            FROM sqlite_schema WHERE type = 'table'
            """;
        var (hasHistory, tables) = Two(command);
        if (hasHistory == 0)
        {
            return tables == 0 ? false : throw Foreign(path);
        }

        command.CommandText =
            $"SELECT coalesce(sum(MigrationId = '{SqliteStore.FirstMigration}'), 0), count(*) FROM __EFMigrationsHistory";
        var (first, all) = Two(command);
        if (first == 0)
        {
            return all == 0 && tables == 0 ? false : throw Foreign(path);
        }

        command.CommandText = "SELECT max(MigrationId) FROM __EFMigrationsHistory";
        var newest = (string)command.ExecuteScalar()!;
        return string.CompareOrdinal(newest, Tables.NewestInSqlite) switch
        {
            0 => true,
            < 0 => false,
            _ => throw new RefusedToStartException(
                $"A newer release wrote the database {path} (migration {newest}; this release knows {Tables.NewestInSqlite}). "
                + "Start that release, or restore a backup from before the upgrade."),
        };
    }

    private static (long First, long Second) Two(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static RefusedToStartException Foreign(string path) =>
        new($"{path} is a database of another program. It was not changed. "
            + "Name another folder with Storage:DataDirectory, or another file with ConnectionStrings:Tasks.");
}
