using TaskGrpc.Server.Hosting;

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
try
{
    var app = builder.Build();
    app.MapTaskGrpc();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception refusal) when (StartRefusal.Is(refusal))
{
    // Not the host's logger: there may be no host yet.
    using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
    loggers.CreateLogger("TaskGrpc.Server").RefusedToStart(refusal.Message);
    return 1;
}
