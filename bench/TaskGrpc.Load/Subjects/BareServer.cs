using System.Diagnostics;

namespace TaskGrpc.Load.Subjects;

/// <summary>The bare server: the framework without TaskGrpc.</summary>
internal sealed class BareServer : Subject
{
    private BareServer(Process process, Uri address, DirectoryInfo? data)
        : base(process, address, data)
    {
    }

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "TaskGrpc.Load.dll");

    public static Task<BareServer> StartAsync() => StartAsync(Program, null);

    /// <summary>Starts a bare server with a database that has the server's schema.</summary>
    public static async Task<BareServer> StartWithSchemaAsync()
    {
        var data = Directory.CreateTempSubdirectory("taskgrpc-bare-");
        (await LoadServer.StartAsync(data)).Dispose();
        return await StartAsync(Program, data);
    }

    /// <param name="program">The program: this tool, of any build.</param>
    /// <param name="data">A folder with the server's database, deleted with this process; null for none.</param>
    public static async Task<BareServer> StartAsync(string program, DirectoryInfo? data)
    {
        var (process, address) =
            await StartAsync(program, data is null ? ["bare"] : ["bare", Path.Combine(data.FullName, "taskgrpc.db")], []);
        return new BareServer(process, address, data);
    }

    /// <summary>Starts a bare server on another subject's data.</summary>
    public static async Task<BareServer> StartBesideAsync(DirectoryInfo data)
    {
        var (process, address) = await StartAsync(Program, ["bare", Path.Combine(data.FullName, "taskgrpc.db")], []);
        return new BareServer(process, address, null);
    }
}
