using Npgsql;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>
/// Row-level security: the database shows a transaction only the rows of the organization that the transaction has named. The migration
/// that creates a table creates its policies; the option enables them.
/// </summary>
internal static class RowSecurity
{
    /// <summary>
    /// Names the transaction's organization; the server's own work (compaction, the schedule, polls) has the scope 'all'.
    /// </summary>
    public const string Tell =
        "SELECT set_config('taskgrpc.organization', @organization, true), set_config('taskgrpc.scope', @scope, true)";

    /// <summary>The same for a commit, which is always of one organization.</summary>
    public const string TellOwn = "SELECT set_config('taskgrpc.organization', $1, true), set_config('taskgrpc.scope', 'own', true)";

    /// <summary>Gives the rest of a transaction the scope of the server's own work.</summary>
    public const string TellAll = "SELECT set_config('taskgrpc.scope', 'all', true)";

    /// <summary>All tables: each has rows of organizations.</summary>
    private static IEnumerable<string> Tables => Schema.Tables.All.Select(table => table.Name);

    /// <summary>Enables the policies, or checks that none is enabled: without the option this server could not read the rows.</summary>
    /// <exception cref="RefusedToStartException">The option contradicts the database or the role.</exception>
    public static void Apply(NpgsqlConnection db, bool wanted)
    {
        if (!wanted)
        {
            if (TablesThat(db, "relrowsecurity") is { Count: > 0 } secured)
            {
                throw new RefusedToStartException(
                    $"Row-level security is enabled on {string.Join(", ", secured)}, but Storage:RowLevelSecurity is false. "
                    + "Set it to true on every replica. Or run ALTER TABLE … NO FORCE ROW LEVEL SECURITY "
                    + "and ALTER TABLE … DISABLE ROW LEVEL SECURITY on each of these tables.");
            }

            return;
        }

        using (var role = new Query(db, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"))
        {
            if ((bool)role.Scalar()!)
            {
                throw new RefusedToStartException(
                    "Storage:RowLevelSecurity is true, but policies do not apply to this role, which is a superuser or has BYPASSRLS. "
                    + "Connect as a role without either.");
            }
        }

        foreach (var table in TablesThat(db, "NOT (relrowsecurity AND relforcerowsecurity)"))
        {
            using var secure =
                new Query(db, $"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY");
            secure.Execute();
        }
    }

    private static List<string> TablesThat(NpgsqlConnection db, string condition)
    {
        var names = string.Join(", ", Tables.Select(table => $"'{table}'::regclass"));
        using var query = new Query(db, $"SELECT relname::text FROM pg_class WHERE oid IN ({names}) AND {condition} ORDER BY relname");
        return query.Read().All(row => row.GetString(0));
    }
}
