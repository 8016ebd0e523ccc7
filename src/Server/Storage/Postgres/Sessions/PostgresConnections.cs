using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>
/// The connections that this server makes: what the operator's connection string says, and on top what durability and boundedness rest
/// on.
/// </summary>
internal sealed class PostgresConnections
{
    private const string Text = "ConnectionStrings:Tasks";

    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly SessionSettings _operators;
    private readonly SessionSettings _session;
    private readonly TimeSpan _firstWait;
    private readonly TargetSessionAttributes _target;
    private readonly List<NpgsqlMultiHostDataSource> _several = [];

    /// <exception cref="RefusedToStartException">There is no connection string, or it cannot be read or used.</exception>
    public PostgresConnections(string? text, StorageOptions options)
    {
        _settings = Read(text);
        _target = Target(_settings.TargetSessionAttributes);
        // Npgsql takes it for several hosts only, and each data source is given it.
        _settings.TargetSessionAttributes = null;
        _operators = Operators(_settings);
        _session = _operators.Clone()
            // Statements are planned once, perhaps while a table is still empty, and walking through all of an empty table looks cheap.
            // Measured: a
            // third of the commits until the first autovacuum. Every statement here has an index that begins with the organization.
            .With("enable_seqscan", "off")
            .With("jit", "off")
            // Off, policies that are in force refuse a query with an error instead of hiding rows: another replica may put them into
            // force at any time.
            .With("row_security", options.RowLevelSecurity ? "on" : "off")
            .With("lock_timeout", options.LockTimeout)
            .With("statement_timeout", options.StatementTimeout)
            .With("idle_in_transaction_session_timeout", options.IdleInTransactionTimeout);
        _firstWait = options.LockTimeout < StorageOptions.FirstWait ? options.LockTimeout : StorageOptions.FirstWait;
        Bound(_settings, options);
    }

    /// <summary>The connections of readers and of single statements.</summary>
    public NpgsqlDataSource Readers() => Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CancellationTimeout = 2000 }, _session);

    /// <summary>
    /// The connections of commits. The database gives up first. If not even its answer comes, such a connection is broken off instead of
    /// asking for a
    /// cancellation: a COMMIT that waits for its standby would take that for leave to go on without it, and say that all is well.
    /// </summary>
    public NpgsqlDataSource Writers() => Source(
        new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CancellationTimeout = -1 },
        _session.Clone().With("lock_timeout", _firstWait));

    /// <summary>Connections on which nothing is asked for long, and which must notice all the same that their other end has gone.</summary>
    public NpgsqlDataSource Listeners() => Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { KeepAlive = 5 }, _session);

    /// <summary>Connections without the service's timeouts: a migration takes the time that it takes.</summary>
    public NpgsqlDataSource Migrations() => Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CommandTimeout = 0 }, _operators);

    /// <summary>
    /// Forgets which of several hosts was the primary: Npgsql remembers it for ten seconds, in which another one may have been promoted.
    /// </summary>
    public void ForgetHosts() => _several.ForEach(source => source.ClearDatabaseStates());

    private NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings, SessionSettings session)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        session.AddTo(builder);
        if (settings.Host?.Contains(',', StringComparison.Ordinal) != true)
        {
            return builder.Build();
        }

        var several = builder.BuildMultiHost();
        _several.Add(several);
        return several.WithTargetSession(_target);
    }

    private static NpgsqlConnectionStringBuilder Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new RefusedToStartException($"Storage:Provider is Postgres, but {Text} is not set. Set it, for example to 'Host=127.0.0.1;Database=taskgrpc;Username=taskgrpc'.");
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException exception)
        {
            // The exception quotes what it could not read, which may be a password.
            throw new RefusedToStartException($"{Text} cannot be read as a PostgreSQL connection string. See npgsql.org, 'Connection String Parameters'.", exception);
        }
    }

    /// <summary>Which of several hosts to connect to: what the operator says, else the one that takes writes.</summary>
    private static TargetSessionAttributes Target(string? said) => said switch
    {
        null => TargetSessionAttributes.ReadWrite,
        "any" => TargetSessionAttributes.Any,
        "primary" => TargetSessionAttributes.Primary,
        "prefer-primary" => TargetSessionAttributes.PreferPrimary,
        "read-write" => TargetSessionAttributes.ReadWrite,
        _ => throw new RefusedToStartException($"Target Session Attributes in {Text} is '{said}', where no change could be committed. Set it to read-write or primary, or leave it out."),
    };

    /// <summary>
    /// What the operator wants of each session. It must not travel at startup, neither from the connection string nor from PGOPTIONS,
    /// which Npgsql reads by itself.
    /// </summary>
    private static SessionSettings Operators(NpgsqlConnectionStringBuilder settings)
    {
        var session = SessionSettings.Parse(settings.Options ?? Environment.GetEnvironmentVariable("PGOPTIONS"));
        Environment.SetEnvironmentVariable("PGOPTIONS", null);
        settings.Options = null;
        if (settings.SearchPath is { Length: > 0 } path)
        {
            session.With("search_path", path);
            settings.SearchPath = null;
        }

        return session;
    }

    private static void Bound(NpgsqlConnectionStringBuilder settings, StorageOptions options)
    {
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
        settings.CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds) + 5;
        // Neither belongs into a log: both would bring the rows' values.
        settings.IncludeErrorDetail = false;
        settings.LogParameters = false;
        // A socket of this machine takes no keep-alive of TCP, and needs none.
        if (settings.Host?.Split(',').Any(host => host.TrimStart() is ['/' or '@', ..]) != true)
        {
            settings.TcpKeepAlive = true;
            settings.TcpKeepAliveTime = 10;
            settings.TcpKeepAliveInterval = 5;
        }
    }
}
