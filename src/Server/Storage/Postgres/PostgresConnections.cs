using System.Globalization;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>Connection strings as this server needs them: what the operator says, and on top what durability and boundedness rest on.</summary>
internal static class PostgresConnections
{
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
        // The database gives up first. If not even its answer comes, the connection is broken off instead of asking for a cancellation: a
        // COMMIT that waits for its standby would take that for leave to go on without it, and say that all is well.
        settings.CommandTimeout = Seconds(options.StatementTimeout) + 5;
        settings.CancellationTimeout = -1;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = 10;
        settings.TcpKeepAliveInterval = 5;
        settings.Options = string.Join(' ', new[]
        {
            settings.Options,
            Setting("lock_timeout", options.LockTimeout),
            Setting("statement_timeout", options.StatementTimeout),
            Setting("idle_in_transaction_session_timeout", options.IdleInTransactionTimeout),
        }.Where(option => !string.IsNullOrEmpty(option)));
        return settings;
    }

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
