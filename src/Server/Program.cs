using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Storage;

// 'backup', 'copy' and 'migrate' are for operators; everything else serves.
if (OperatorCommand.TryRun(args, Console.Out) is { } exitCode)
{
    return exitCode;
}

// The content root is the program's own folder, so that its settings are found from wherever it is started.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddTaskGrpc();
var app = builder.Build();
app.MapTaskGrpc();
try
{
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception refusal) when (refusal is RefusedToStartException or OptionsValidationException)
{
    app.Logger.RefusedToStart(refusal.Message);
    return 1;
}
