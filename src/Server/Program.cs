using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Storage;

// 'backup', 'copy' and 'migrate' are for operators; everything else serves.
if (OperatorCommand.TryRun(args, Console.Out) is { } exitCode)
{
    return exitCode;
}

// What takes longest at a start needs nothing of it, and is ready, or nearly, when it is asked for.
_ = Task.Run(() => ServedContract.Services.Count);
// The content root is the program's own folder, so that its settings are found from wherever it is started.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseKestrelHttpsConfiguration();
builder.AddTaskGrpc();
var app = builder.Build();
try
{
    app.MapTaskGrpc();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception refusal) when (refusal is RefusedToStartException or OptionsValidationException)
{
    app.Logger.RefusedToStart(refusal.Message);
    return 1;
}
