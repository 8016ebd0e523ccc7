using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>The same work on stores of different sizes: the cost must stay flat.</summary>
internal static class ScaleRun
{
    public static async Task RunAsync(LoadOptions options, Report report, Dataset small, Dataset middle, Dataset large)
    {
        Dataset[] sizes = [large, middle, small];
        var servers = await Task.WhenAll(sizes.Select(data => LoadServer.StartAsync(data.Folder)));
        var channels = servers.Select(server => server.Channel()).ToArray();
        Alternative[] Each(Func<int, TimeSpan, Task<Sample>> measureAsync) =>
            [.. sizes.Select((data, i) => new Alternative($"TaskGrpc with {data.Count:N0} tasks", turn => measureAsync(i, turn)))];

        var creates = report.Add(
            await Comparison.RunAsync(
                "create, 64 callers", options, Each((i, turn) => CreateRun.CreateAsync(servers[i], channels[i], 64, turn, Tasks.New))));
        report.Add(await Comparison.RunAsync(
            "get by id, 64 callers", options, Each((i, turn) => GetRun.GetAsync(servers[i], channels[i], sizes[i].Some, turn))));
        report.Add(await Comparison.RunAsync("list of 50 by status and assignee, 16 callers", options,
            Each((i, turn) => ListRun.ListAsync(servers[i], channels[i], turn))));
        report.AtLeast("creates/s at 5,000,000 tasks against 10,000", creates.Ratios(2), 0.85, 1.0);
        Array.ForEach(channels, channel => channel.Dispose());
        Array.ForEach(servers, server => server.Dispose());
    }
}
