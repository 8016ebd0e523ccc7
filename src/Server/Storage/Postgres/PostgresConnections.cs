using System.Globalization;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>Connection strings as this server needs them: what the operator says, and on top what durability and boundedness rest on.</summary>
internal static class PostgresConnections
{
    // Statements are planned once, perhaps while a table is still empty, and walking through all of an empty table looks cheap. Measured: a
    // third of the commits until the first autovacuum. Every statement here has an index that begins with the organization.
    private const string PlannedForGrowth = "-c enable_seqscan=off -c jit=off";

    /// <exception cref="RefusedToStartException">There is no connection string, or it cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Of(string? text, StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new RefusedToStartException("Storage:Provider is Postgres, but ConnectionStrings:Tasks is not set. Set it, for example to 'Host=127.0.0.1;Database=taskgrpc;Username=taskgrpc'.");
        }

        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException exception)
        {
            // The exception quotes what it could not read, which may be a password.
            throw new RefusedToStartException("ConnectionStrings:Tasks cannot be read as a PostgreSQL connection string. See npgsql.org, 'Connection String Parameters'.", exception);
        }

        settings.ApplicationName ??= "taskgrpc";
        // Readers and writers keep their connections and are bounded themselves; a pool beneath them would only hide which ones are lost.
        settings.Pooling = false;
        settings.Timeout = Math.Min(settings.Timeout, 5);
        // Statements are prepared once for each connection, EF's too.
        settings.MaxAutoPrepare = 256;
        settings.AutoPrepareMinUsages = 2;
        // A commit of a full batch is over a hundred kilobytes, and each time the buffer is full costs a call of the system on both sides.
        settings.WriteBufferSize = 256 * 1024;
        settings.ReadBufferSize = 32 * 1024;
        settings.CommandTimeout = Seconds(options.StatementTimeout) + 5;
        // Neither belongs into a log: both would bring the rows' values.
        settings.IncludeErrorDetail = false;
        settings.LogParameters = false;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = 10;
        settings.TcpKeepAliveInterval = 5;
        settings.Options = string.Join(' ', new[]
        {
            settings.Options,
            PlannedForGrowth,
            Setting("lock_timeout", options.LockTimeout),
            Setting("statement_timeout", options.StatementTimeout),
            Setting("idle_in_transaction_session_timeout", options.IdleInTransactionTimeout),
        }.Where(option => !string.IsNullOrEmpty(option)));
        return settings;
    }

    /// <summary>The same without the service's timeouts: what a migration takes, it takes.</summary>
    public static NpgsqlConnectionStringBuilder ForMigration(string text, NpgsqlConnectionStringBuilder settings) =>
        new(settings.ConnectionString) { Options = new NpgsqlConnectionStringBuilder(text).Options, CommandTimeout = 0 };

    /// <summary>With several hosts, only the one that is the primary is of use.</summary>
    public static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        return settings.Host?.Contains(',', StringComparison.Ordinal) == true
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private static string Setting(string name, TimeSpan value) => string.Create(CultureInfo.InvariantCulture, $"-c {name}={(long)value.TotalMilliseconds}");

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
