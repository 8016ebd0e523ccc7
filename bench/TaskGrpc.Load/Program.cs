using TaskGrpc.Load;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Runs;
using TaskGrpc.Load.Subjects;

const string Usage =
    """
    dotnet run -c Release --project bench/TaskGrpc.Load -- COMMAND [options]
      create | get | token | list | watch | http | scale | start | tenancy
                                                    one subject, against its baselines
      all                                           all of these
      work                                          claims and leases, against pg-boss and Redis Streams
      replicas [seconds]                            creates through one and three replicas on PostgreSQL, beside pgbench
      deliver [alerts]                              alerts to ten endpoints, three of them dead
    Options: --check (exit 1 when a target is missed), --rounds N, --seconds N, --warm-up N, --scale F, --smoke, --only TEXT, --json FILE
    """;

int Number(int otherwise, int at = 1) =>
    args.Length > at ? int.Parse(args[at], System.Globalization.CultureInfo.InvariantCulture) : otherwise;

try
{
    switch (args.FirstOrDefault())
    {
        case "bare":
            await BareHost.RunAsync(args.ElementAtOrDefault(1));
            return 0;
        case "flood":
            await Flood.RunAsync(new Uri(args[1]), int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
            return 0;
        case "worker":
            await FreezableWorker.RunAsync(
                new Uri(args[1]), TimeSpan.FromSeconds(Number(5, at: 2)), TimeSpan.FromSeconds(Number(1, at: 3)));
            return 0;
        case "deliver":
            await DeliverRun.RunAsync(Number(100_000));
            return 0;
        case "replicas":
            await ReplicaRun.RunAllAsync(Number(10));
            return 0;
        case "create" or "get" or "token" or "list" or "watch" or "http" or "scale" or "start" or "tenancy" or "work" or "all":
            return await CompareAsync(args[0], LoadOptions.Parse(args[1..]));
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (Exception exception) when (exception is MissingBaselineException or FormatException)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

static async Task<int> CompareAsync(string command, LoadOptions options)
{
    bool Runs(params string[] commands) => command == "all" || commands.Contains(command);

    var report = new Report();
    report.Begin();
    if (Runs("create"))
    {
        await CreateRun.RunAsync(options, report);
    }

    if (Runs("get"))
    {
        await GetRun.RunAsync(options, report);
    }

    if (Runs("token"))
    {
        await TokenRun.RunAsync(options, report);
    }

    if (Runs("watch"))
    {
        await WatchRun.RunAsync(options, report);
    }

    if (Runs("http"))
    {
        await HttpRun.RunAsync(options, report);
    }

    // Not in `all`: this run compares organizations, not servers.
    if (command == "tenancy")
    {
        await TenancyRun.RunAsync(options, report);
        await CountRun.RunAsync(options, report);
    }

    // Not in `all`: this run needs other programs to compare with.
    if (command == "work")
    {
        await WorkRun.RunAsync(options, report);
    }

    if (Runs("list", "scale"))
    {
        using var middle = await Dataset.MakeAsync(options.Count(1_000_000, 1000), (ListRun.Deep, options.Count(ListRun.DeepTasks, 100)));
        if (Runs("list"))
        {
            await ListRun.RunAsync(options, report, middle);
        }

        if (Runs("scale"))
        {
            using var small = await Dataset.MakeAsync(options.Count(10_000, 1000));
            using var large = await Dataset.MakeAsync(options.Count(5_000_000, 1000));
            await ScaleRun.RunAsync(options, report, small, middle, large);
            if (command == "all")
            {
                await StartRun.RunAsync(options, report, large);
            }
        }
    }

    if (command == "start")
    {
        using var large = await Dataset.MakeAsync(options.Count(5_000_000, 1000));
        await StartRun.RunAsync(options, report, large);
    }

    report.End(options.Scale);
    if (options.Json is { } path)
    {
        await report.WriteAsync(path);
    }

    return report.IsMet || !options.Check ? 0 : 1;
}
