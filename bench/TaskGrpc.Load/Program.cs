using TaskGrpc.Load;

// Measures this server from outside: a process of its own on fresh data.
//   dotnet run -c Release --project bench/TaskGrpc.Load -- [seconds per phase, default 10]     commits, reads and watches over 200 organizations
//   dotnet run -c Release --project bench/TaskGrpc.Load -- deliver [alerts, default 100000]    alerts to ten endpoints of which three are dead
//   dotnet run -c Release --project bench/TaskGrpc.Load -- replicas [seconds per phase, default 10]   creates through one and three replicas on PostgreSQL, beside pgbench
static int Number(string[] args, int at, int otherwise) => args.Length > at ? int.Parse(args[at], System.Globalization.CultureInfo.InvariantCulture) : otherwise;

if (args is ["deliver", ..])
{
    await DeliverRun.RunAsync(Number(args, 1, 100_000));
}
else if (args is ["replicas", ..])
{
    await ReplicaRun.RunAllAsync(Number(args, 1, 10));
}
else
{
    await LoadRun.RunAllAsync(Number(args, 0, 10));
}
