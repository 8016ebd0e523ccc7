using System.Runtime.InteropServices;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// The program: help and version, the operator's commands, or the server. Results go to the output, refusals in one line to the error output.
/// </summary>
internal static class ServerProgram
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        IConfiguration? configuration = null;
        IHostApplicationLifetime? lifetime = null;
        try
        {
            if (CommandLine.Answer(args) is { } answer)
            {
                await output.WriteLineAsync(answer);
                return ExitCodes.Done;
            }

            CommandLine.Check(args);
            if (args.Length > 0 && CommandLine.IsCommand(args[0]))
            {
                OperatorCommand.Run(args[0], args[1..], output);
                return ExitCodes.Done;
            }

            // What takes longest at a start needs nothing of it, and is ready, or nearly, when it is asked for.
            _ = Task.Run(() => ServedContract.Services.Count);
            // The content root is the program's own folder, so that its settings are found from wherever it is started.
            var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            configuration = builder.Configuration;
            return await ServeAsync(builder, app => lifetime = app.Lifetime);
        }
        catch (UsageException usage)
        {
            await error.WriteLineAsync(usage.Message);
            return ExitCodes.Usage;
        }
        catch (OperationCanceledException) when (lifetime is { ApplicationStarted.IsCancellationRequested: false, ApplicationStopping.IsCancellationRequested: true })
        {
            // It was told to shut down while it started.
            return Environment.ExitCode;
        }
        // The tools of EF end the program with HostAbortedException, and must receive it.
        catch (Exception failure) when (failure is not HostAbortedException)
        {
            var what = args.Length > 0 && CommandLine.IsCommand(args[0]) ? $"'{args[0]}' failed"
                : lifetime is { ApplicationStarted.IsCancellationRequested: true } ? "The server failed"
                : "The server does not start";
            await error.WriteLineAsync($"{what}: {StartRefusal.Describe(failure, configuration)}");
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> ServeAsync(WebApplicationBuilder builder, Action<WebApplication> built)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.AddTaskGrpc();
        KnownSettings.Of(builder.Services).Check(builder.Configuration);
        var app = builder.Build();
        built(app);
        app.MapTaskGrpc();
        // The host handles SIGINT, SIGQUIT and SIGTERM alike. SIGHUP, which a closing terminal sends, would end the process in mid-commit.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            app.Lifetime.StopApplication();
        });
        await app.RunAsync();
        return Environment.ExitCode;
    }
}
