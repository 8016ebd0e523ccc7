using System.Data.Common;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Postgres;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting;

/// <summary>What the program does for its operator beside serving. Settings are read as the server reads them.</summary>
internal static class OperatorCommand
{
    /// <summary>Runs the command that the arguments begin with; null if they are a server's.</summary>
    public static int? TryRun(string[] args, TextWriter output)
    {
        if (args is not [("backup" or "copy" or "migrate") and var name, .. var rest])
        {
            return null;
        }

        var files = rest.TakeWhile(argument => !argument.StartsWith('-')).ToArray();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = rest[files.Length..], ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        using var app = builder.Build();
        try
        {
            switch (name, files)
            {
                case ("backup", [var file]):
                    Backup(app.Configuration, file, output);
                    return 0;
                case ("copy", []):
                    Copy(app.Configuration, app.Services.GetRequiredService<ILoggerFactory>(), output);
                    return 0;
                case ("migrate", []):
                    using (Open(app.Configuration))
                    {
                        output.WriteLine("The schema is up to date.");
                    }

                    return 0;
                default:
                    output.WriteLine("Usage: backup FILE | copy --To:Storage:Provider=Postgres --To:ConnectionStrings:Tasks=… | migrate");
                    return 2;
            }
        }
        catch (Exception refusal) when (StartRefusal.Is(refusal))
        {
            output.WriteLine(refusal.Message);
            return 1;
        }
        catch (DbException failure)
        {
            output.WriteLine($"The database failed: {failure.Message}");
            return 1;
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
            StorageOptions.Postgres => new PostgresStore(Options.Create(options), configuration, new SeenHeads()),
            _ => throw new RefusedToStartException("Storage:Provider must be 'Sqlite' or 'Postgres'."),
        };
    }

    /// <summary>What migrations must read out of stored messages.</summary>
    public static BodyReader Bodies { get; } = new(body => JsonText.Of(AgentTask.Parser.ParseFrom(body).Metadata));

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
        if (to[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"] is null)
        {
            throw new RefusedToStartException("Where to is not said. Give the target's settings below 'To', for example --To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=…'.");
        }

        using var source = Open(configuration, Patient);
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
