using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Postgres;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.Server.Storage.Sqlite.Files;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting;

/// <summary>What the program does for its operator beside serving. Settings are read as the server reads them.</summary>
internal static class OperatorCommand
{
    /// <summary>Runs a command; what it has to say of its work goes to the output.</summary>
    /// <exception cref="UsageException">It was given a file too few or too many.</exception>
    public static void Run(string name, string[] rest, TextWriter output)
    {
        var files = CommandLine.Operands(rest);
        var options = new WebApplicationOptions { Args = rest[files.Length..], ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateSlimBuilder(options);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // The output is the command's own.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        using var app = builder.Build();
        KnownSettings.OfCommands.Check(app.Configuration);
        switch (name, files)
        {
            case ("backup", [var file]):
                Backup(app.Configuration, file, output);
                break;
            case ("restore", [var file]):
                Restore(app.Configuration, file, output);
                break;
            case ("copy", []):
                Copy(app.Configuration, app.Services.GetRequiredService<ILoggerFactory>(), output);
                break;
            case ("migrate", []):
                using (Open(app.Configuration))
                {
                    output.WriteLine("The schema is up to date.");
                }

                break;
            default:
                var takes = name is "backup" or "restore" ? "one file, before the settings" : "settings only";
                throw new UsageException($"'{name}' takes {takes}. --help shows how it is written.");
        }
    }

    /// <summary>A store as the settings name it.</summary>
    private static TaskStore Of(IConfiguration configuration, Action<StorageOptions>? configure = null)
    {
        var options = new StorageOptions();
        configuration.GetSection(StorageOptions.Section).Bind(options);
        configure?.Invoke(options);
        return options.Provider switch
        {
            StorageOptions.Sqlite => new SqliteStore(Options.Create(options), configuration, Bodies),
            StorageOptions.Postgres => new PostgresStore(Options.Create(options), configuration),
            _ => throw new RefusedToStartException("Storage:Provider must be 'Sqlite' or 'Postgres'."),
        };
    }

    /// <summary>What migrations must read out of stored messages.</summary>
    public static BodyReader Bodies { get; } = new(body => JsonText.Of(AgentTask.Parser.ParseFrom(body).Metadata));

    private static void Restore(IConfiguration configuration, string file, TextWriter output)
    {
        using var store = Of(configuration) as SqliteStore
            ?? throw new RefusedToStartException(
                "'restore' restores an SQLite file. For PostgreSQL use pg_restore or a base backup, see docs/operations.md.");
        var aside = SqliteRestore.Run(file, store.FilePath(), TimeProvider.System);
        output.WriteLine($"{store.FilePath()} is now the database of {file}.");
        if (aside is not null)
        {
            output.WriteLine($"The database before it is kept as {aside}. Remove it when it is no longer needed.");
        }

        output.WriteLine($"A backup holds no keys. See that those of its time are in {store.KeysPath()}: its signing secrets cannot be read without them.");
    }

    private static void Backup(IConfiguration configuration, string file, TextWriter output)
    {
        using var store = Of(configuration) as SqliteStore
            ?? throw new RefusedToStartException("'backup' copies an SQLite file. For PostgreSQL use pg_basebackup or pg_dump, see docs/operations.md.");
        SqliteBackup.Write(store.FilePath(), file);
        output.WriteLine($"{store.FilePath()} was copied to {file}. Keep its folder 'keys' too: without it the signing secrets cannot be read.");
    }

    private static void Copy(IConfiguration configuration, ILoggerFactory loggers, TextWriter output)
    {
        // The target's settings are the server's own, below 'To'.
        var to = configuration.GetSection("To");
        KnownSettings.OfCommands.Check(to);
        if (to[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"] is null)
        {
            throw new RefusedToStartException("Where to is not said. Give the target's settings below 'To', for example --To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=…'.");
        }

        using var source = Of(configuration, Patient);
        source.RequireExisting();
        source.Open();
        using var target = Open(to, Patient);
        foreach (var (table, rows) in new StoreCopy(source, target, loggers).Run())
        {
            output.WriteLine($"{rows,12:N0} {table}");
        }
    }

    /// <summary>A large table takes its time, and the other store waits for it.</summary>
    private static void Patient(StorageOptions options) => options.StatementTimeout = options.IdleInTransactionTimeout = TimeSpan.FromDays(1);

    private static TaskStore Open(IConfiguration configuration, Action<StorageOptions>? configure = null)
    {
        var store = Of(configuration, configure);
        store.Open();
        return store;
    }
}
