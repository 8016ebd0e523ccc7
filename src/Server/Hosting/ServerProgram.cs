using System.Runtime.InteropServices;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// The program: help and version, the operator commands, or the server. It writes results to the output, and refusals in one line to
/// the error output.
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

            // Building the descriptors takes longest at a start and depends on nothing, so start it early.
            _ = Task.Run(() => ServedContract.Services.Count);
            // The content root is the program's folder, so that it finds its settings from any working directory.
            var builder =
                WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            configuration = builder.Configuration;
            return await ServeAsync(builder, app => lifetime = app.Lifetime);
        }
        catch (UsageException usage)
        {
            await error.WriteLineAsync(usage.Message);
            return ExitCodes.Usage;
        }
        catch (OperationCanceledException) when (
            lifetime is { ApplicationStarted.IsCancellationRequested: false, ApplicationStopping.IsCancellationRequested: true })
        {
            // A signal shut the server down during its start.
            return Environment.ExitCode;
        }
        // EF's tools end the program with HostAbortedException, and must receive it.
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
        // The host handles SIGINT, SIGQUIT and SIGTERM alike. SIGHUP, from a closing terminal, would end the process during a commit.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            app.Lifetime.StopApplication();
        });
        await app.RunAsync();
        return Environment.ExitCode;
    }
}
