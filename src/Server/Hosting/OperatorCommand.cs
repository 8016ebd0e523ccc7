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

/// <summary>The operator commands. They read settings like the server.</summary>
internal static class OperatorCommand
{
    /// <summary>Runs a command and writes its results to the output.</summary>
    /// <exception cref="UsageException">The file argument is missing, or there are too many arguments.</exception>
    public static void Run(string name, string[] rest, TextWriter output)
    {
        var files = CommandLine.Operands(rest);
        var options = new WebApplicationOptions { Args = rest[files.Length..], ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateSlimBuilder(options);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // Only the command's results go to the standard output.
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
                Copy(app.Configuration, output);
                break;
            case ("migrate", []):
                using (Open(app.Configuration))
                {
                    output.WriteLine("The schema is up to date.");
                }

                break;
            default:
                var takes = name is "backup" or "restore" ? "one file, before the settings" : "settings only";
                throw new UsageException($"'{name}' takes {takes}. --help shows the syntax.");
        }
    }

    /// <summary>The store in the settings, not opened yet.</summary>
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

    public static BodyReader Bodies { get; } = new(body => JsonText.Of(AgentTask.Parser.ParseFrom(body).Metadata));

    private static void Restore(IConfiguration configuration, string file, TextWriter output)
    {
        using var store = Of(configuration) as SqliteStore
            ?? throw new RefusedToStartException(
                "'restore' works only with SQLite. For PostgreSQL, use pg_restore or a base backup; see docs/operations.md.");
        var aside = SqliteRestore.Run(file, store.FilePath(), TimeProvider.System);
        output.WriteLine($"{store.FilePath()} now has the content of {file}.");
        if (aside is not null)
        {
            output.WriteLine($"The earlier database is kept as {aside}. Remove it when you no longer need it.");
        }

        output.WriteLine(
            "A backup contains no keys. "
                + $"Put your copy of the keys from the same time into {store.KeysPath()}: they decrypt its signing secrets.");
    }

    private static void Backup(IConfiguration configuration, string file, TextWriter output)
    {
        using var store = Of(configuration) as SqliteStore
            ?? throw new RefusedToStartException(
                "'backup' works only with SQLite. For PostgreSQL, use pg_basebackup or pg_dump; see docs/operations.md.");
        SqliteBackup.Write(store.FilePath(), file);
        output.WriteLine(
            $"{store.FilePath()} was copied to {file}. Back up its folder 'keys' too: the server needs it to decrypt the signing "
                + "secrets.");
    }

    private static void Copy(IConfiguration configuration, TextWriter output)
    {
        // The target has the server's settings, below 'To'.
        var to = configuration.GetSection("To");
        KnownSettings.OfCommands.Check(to);
        if (to[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"] is null)
        {
            throw new RefusedToStartException(
                "The target is missing. Put 'To:' before its settings, for example "
                + "--To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=…'.");
        }

        using var source = Of(configuration, Patient);
        source.RequireExisting();
        source.Open();
        using var target = Open(to, Patient);
        foreach (var (table, rows) in new StoreCopy(source, target).Run())
        {
            output.WriteLine($"{rows,12:N0} {table}");
        }
    }

    /// <summary>Raises the timeouts: a large table takes long, and the other store waits for it.</summary>
    private static void Patient(StorageOptions options) =>
        options.StatementTimeout = options.IdleInTransactionTimeout = TimeSpan.FromDays(1);

    private static TaskStore Open(IConfiguration configuration, Action<StorageOptions>? configure = null)
    {
        var store = Of(configuration, configure);
        store.Open();
        return store;
    }
}
