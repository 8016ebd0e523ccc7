using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Checks that the database, its role and the connection can keep this server's promises. Refusals say what to change.</summary>
internal static class DatabaseRequirements
{
    /// <summary>What makes a commit fail: read-only transactions, recovery, missing rights (NULL for none) on the tables $1.</summary>
    private const string Writable =
        """
        SELECT current_setting('transaction_read_only') = 'on', pg_is_in_recovery(), (
            SELECT string_agg(wanted || ' on ' || name, ', ')
            FROM unnest($1) AS name, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted
            WHERE NOT has_table_privilege(name, wanted))
        """;

    /// <summary>The oldest major version that has every function this server uses.</summary>
    private const int OldestVersion = 13;

    /// <summary>
    /// The number of sessions that detects a pooler that shares connections. With fewer, a pooler that uses its connections in turn could
    /// pass.
    /// </summary>
    private const int Sessions = 3;

    private static readonly string[] Tables = [.. Schema.Tables.All.Select(table => table.Name)];

    /// <summary>Checks what no migration can change.</summary>
    /// <exception cref="RefusedToStartException">The database does not meet a requirement.</exception>
    public static void Check(NpgsqlConnection connection, Func<NpgsqlConnection> another)
    {
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw new RefusedToStartException(
                $"The database is PostgreSQL {connection.PostgreSqlVersion}, and this server needs version {OldestVersion} or later. "
                    + "Upgrade it.");
        }

        RequireOwnSession(connection, another);
        using var command = new NpgsqlCommand(
            "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'), current_setting('transaction_read_only') "
            + "= 'on'", connection);
        using var reader = command.ExecuteReader();
        reader.Read();
        if (reader.GetString(0) is var encoding and not "UTF8")
        {
            throw new RefusedToStartException(
                $"The database's encoding is {encoding}, which cannot store every character that callers send. "
                + "Create a new database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.");
        }

        if (reader.GetString(1) == "off")
        {
            throw new RefusedToStartException(
                "synchronous_commit is off for this role or database, so a crash could lose a change that the server has acknowledged. "
                + "Set it to on or remote_apply.");
        }

        if (reader.GetBoolean(2))
        {
            throw new RefusedToStartException(
                "The database is read-only: it is a standby, or default_transaction_read_only is on. "
                + "Connect to the primary, or set default_transaction_read_only to off.");
        }
    }

    /// <summary>Checks, once the tables are there, that the role may use them and have the connections that this server opens.</summary>
    /// <exception cref="RefusedToStartException">The role lacks rights or connections.</exception>
    public static void CheckRole(NpgsqlConnection connection, int connections)
    {
        using (var command = connection.CreateBatch())
        {
            command.BatchCommands.Add(WritableCommand());
            using var reader = command.ExecuteReader();
            if (WhyNotWritable(reader) is { } reason)
            {
                throw new RefusedToStartException(reason);
            }
        }

        using var limits = new NpgsqlCommand(
            """
            SELECT coalesce(min(connections), -1) FROM (
                SELECT rolconnlimit AS connections FROM pg_roles WHERE rolname = current_user
                UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS limits
            WHERE connections >= 0 AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            """,
            connection);
        if ((int)limits.ExecuteScalar()! is >= 0 and var limit && limit < connections)
        {
            throw new RefusedToStartException(
                $"The role or database has CONNECTION LIMIT {limit}, but each replica opens up to {connections} connections. "
                + "Raise the limit, or lower Storage:ReaderConnections and Storage:WriterConnections.");
        }
    }

    /// <summary>The query that tells whether the database accepts a commit.</summary>
    public static NpgsqlBatchCommand WritableCommand() =>
        new(Writable) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = Tables } } };

    /// <summary>Reads the answer: why the database refuses a commit; null if it accepts one.</summary>
    public static string? WhyNotWritable(NpgsqlDataReader reader)
    {
        reader.Read();
        return reader.GetBoolean(1) ? "The database is a standby and accepts no commits until it is promoted."
            : reader.GetBoolean(0) ? "The database is read-only and accepts no commits. Set default_transaction_read_only to off."
            : reader.IsDBNull(2) ? null
            : $"The database's role lacks rights: {reader.GetString(2)}. GRANT them, or connect as the role that owns the tables.";
    }

    /// <summary>
    /// Finds a pooler that sends a session's statements over different connections. Without a pooler, the process id of the startup is
    /// that of the backend. Otherwise this opens several sessions with a transaction each; if two have the same process id, the pooler
    /// shares a connection.
    /// </summary>
    private static void RequireOwnSession(NpgsqlConnection connection, Func<NpgsqlConnection> another)
    {
        var process = Process(connection);
        if (process == connection.ProcessID)
        {
            return;
        }

        var others = new List<NpgsqlConnection>();
        try
        {
            while (others.Count < Sessions)
            {
                var other = another();
                others.Add(other);
                other.Open();
                using (var begin = new NpgsqlCommand("BEGIN", other))
                {
                    begin.ExecuteNonQuery();
                }

                if (Process(other) == process || Process(connection) != process)
                {
                    throw new RefusedToStartException(
                        "A connection pooler in transaction mode is between this server and the database, but the server needs sessions "
                        + "of its own: it uses prepared statements, LISTEN and advisory locks. "
                        + "Set pool_mode to session for this database, or connect to PostgreSQL itself.");
                }
            }
        }
        finally
        {
            others.ForEach(other => other.Dispose());
        }
    }

    private static int Process(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return (int)command.ExecuteScalar()!;
    }
}
