using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Opens connections with the operator's connection string and the settings that durability and bounds need.</summary>
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
        // Npgsql accepts this setting only with several hosts, so each data source of several hosts receives it by itself.
        _settings.TargetSessionAttributes = null;
        _operators = Operators(_settings);
        _session = _operators.Clone()
            // A statement is planned once, perhaps while its table is empty and a sequential scan looks cheap. Measured: a sequential scan
            // makes a third as many commits until the first autovacuum. Every statement here has an index that begins with the
            // organization.
            .With("enable_seqscan", "off")
            .With("jit", "off")
            // With row_security off, a policy makes PostgreSQL refuse the query instead of hiding rows. Another replica may enable the
            // policies at any time.
            .With("row_security", options.RowLevelSecurity ? "on" : "off")
            .With("lock_timeout", options.LockTimeout)
            .With("statement_timeout", options.StatementTimeout)
            .With("idle_in_transaction_session_timeout", options.IdleInTransactionTimeout);
        _firstWait = options.LockTimeout < StorageOptions.FirstWait ? options.LockTimeout : StorageOptions.FirstWait;
        Bound(_settings, options);
    }

    /// <summary>The connections of readers and of single statements.</summary>
    public NpgsqlDataSource Readers() =>
        Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CancellationTimeout = 2000 }, _session);

    /// <summary>
    /// The connections of commits. The database's timeouts end first. If the database does not answer at all, the server closes the
    /// connection and sends no cancellation: a cancelled COMMIT that waits for its standby reports success without the standby.
    /// </summary>
    public NpgsqlDataSource Writers() => Source(
        new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CancellationTimeout = -1 },
        _session.Clone().With("lock_timeout", _firstWait));

    /// <summary>Connections that may be silent for long and must notice that they are broken.</summary>
    public NpgsqlDataSource Listeners() =>
        Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { KeepAlive = 5 }, _session);

    /// <summary>Connections without the service's timeouts, because a migration may take long.</summary>
    public NpgsqlDataSource Migrations() =>
        Source(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CommandTimeout = 0 }, _operators);

    /// <summary>Forgets which of several hosts was the primary. Npgsql remembers it for ten seconds, even after a promotion.</summary>
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
            throw new RefusedToStartException(
                $"Storage:Provider is Postgres, but {Text} is not set. Set it, for example to "
                + "'Host=127.0.0.1;Database=taskgrpc;Username=taskgrpc'.");
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException exception)
        {
            // The exception quotes the text, which may contain a password.
            throw new RefusedToStartException(
                $"{Text} cannot be read as a PostgreSQL connection string. See npgsql.org, 'Connection String Parameters'.", exception);
        }
    }

    /// <summary>Which of several hosts to connect to: the operator's choice, else the one that accepts writes.</summary>
    private static TargetSessionAttributes Target(string? said) => said switch
    {
        null => TargetSessionAttributes.ReadWrite,
        "any" => TargetSessionAttributes.Any,
        "primary" => TargetSessionAttributes.Primary,
        "prefer-primary" => TargetSessionAttributes.PreferPrimary,
        "read-write" => TargetSessionAttributes.ReadWrite,
        _ => throw new RefusedToStartException(
            $"Target Session Attributes in {Text} is '{said}', which can select a host that accepts no commits. "
            + "Set it to read-write or primary, or leave it out."),
    };

    /// <summary>
    /// The operator's session settings, from the connection string or PGOPTIONS. Neither may reach the startup message, so both are
    /// cleared: Npgsql reads PGOPTIONS by itself.
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
        // Readers and writers keep their connections and have bounds of their own. A pool below them would only hide which ones are lost.
        settings.Pooling = false;
        settings.Timeout = Math.Min(settings.Timeout, 5);
        // Npgsql prepares each statement once per connection, EF's too.
        settings.MaxAutoPrepare = 256;
        settings.AutoPrepareMinUsages = 2;
        // A commit of a full batch is over a hundred kilobytes, and each full buffer costs a system call on both sides.
        settings.WriteBufferSize = 256 * 1024;
        settings.ReadBufferSize = 32 * 1024;
        settings.CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds) + 5;
        // Both would write values of rows into the log.
        settings.IncludeErrorDetail = false;
        settings.LogParameters = false;
        // A Unix socket refuses TCP keep-alive, and needs none.
        if (settings.Host?.Split(',').Any(host => host.TrimStart() is ['/' or '@', ..]) != true)
        {
            settings.TcpKeepAlive = true;
            settings.TcpKeepAliveTime = 10;
            settings.TcpKeepAliveInterval = 5;
        }
    }
}
