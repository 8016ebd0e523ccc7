using Npgsql;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>What EF's table of migrations says of a database: which release wrote it.</summary>
internal static class PostgresRelease
{
    /// <summary>How the name of a migration ends that no older replica can live with: stop all, migrate, start.</summary>
    private const string StopAll = "_StopAll";

    /// <summary>Whether the newest migration has been made, and with it all others.</summary>
    /// <exception cref="RefusedToStartException">A newer release has changed the database so that this one must not use it.</exception>
    public static bool IsUpToDate(NpgsqlConnection connection)
    {
        using var history = new Query(connection, "SELECT to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL");
        if (history.Scalar() is not true)
        {
            return false;
        }

        using var query = new Query(connection, "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY 1");
        using var rows = query.Read();
        var isUpToDate = false;
        while (rows.Read())
        {
            var migration = rows.GetString(0);
            isUpToDate |= migration == Tables.NewestInPostgres;
            if (string.CompareOrdinal(migration, Tables.NewestInPostgres) > 0 && migration.EndsWith(StopAll, StringComparison.Ordinal))
            {
                throw new RefusedToStartException(
                    $"A newer release wrote the database (migration {migration}; this release knows {Tables.NewestInPostgres}). "
                    + "Start that release, or restore a backup from before the upgrade.");
            }
        }

        return isUpToDate;
    }
}
