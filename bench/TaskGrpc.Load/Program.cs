using TaskGrpc.Load;

// Measures this server from outside: a process of its own on fresh data, spread over 200 organizations, one connection.
//   dotnet run -c Release --project bench/TaskGrpc.Load -- [seconds per phase, default 10]
var seconds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 10;
var phase = TimeSpan.FromSeconds(seconds);
using var server = await LoadServer.StartAsync();
var load = new LoadRun(server, phase);

Console.WriteLine($"| what | rate | p50 ms | p99 ms | server CPU µs |");
Console.WriteLine("|---|---|---|---|---|");
// JIT and tiering decide the first seconds; nothing before this counts.
await load.CreateAsync(callers: 64, watchers: 0, report: false);
await load.CreateAsync(callers: 1, watchers: 0);
await load.CreateAsync(callers: 64, watchers: 0);
await load.CreateAsync(callers: 256, watchers: 0);
await load.GetAsync(callers: 64, report: false);
await load.GetAsync(callers: 64);
await load.ListAsync(callers: 16);
await load.CreateAsync(callers: 64, watchers: 1);
await load.CreateAsync(callers: 64, watchers: 100);
await load.IdleWatchersAsync(watchers: seconds > 1 ? 10_000 : 200);
Console.WriteLine($"\nServer memory: {server.MemoryBytes / (1024 * 1024)} MiB. {Environment.ProcessorCount} processors shared with the client, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}.");
