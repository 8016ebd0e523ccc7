using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>The cost of a token: gets by id at a server that requires tokens, against the same gets at a server that does not.</summary>
internal static class TokenRun
{
    /// <summary>More turns than elsewhere: the difference is smaller than the machine's variation between two turns.</summary>
    private const int Turns = 7;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var issuer = new LoadIssuer();
        using var asking = await LoadServer.StartAsync(settings: issuer.Settings);
        using var open = await LoadServer.StartAsync();
        using Grpc.Net.Client.GrpcChannel with = asking.Channel(), without = open.Channel();
        var count = options.Count(20_000, 1000);
        var (theirs, ours) = (await Dataset.FillAsync(without, count), await Dataset.FillAsync(with, count, callers: issuer.Callers));
        var gets = report.Add(await Comparison.RunAsync(
            "get by id with a token of 800 bytes, 64 callers",
            options with { Rounds = options.Rounds == 1 ? 1 : Turns },
            new("TaskGrpc, with tokens", turn => GetRun.GetAsync(asking, with, ours, turn, issuer.Callers)),
            new("TaskGrpc, without", turn => GetRun.GetAsync(open, without, theirs, turn))));
        report.AtLeast("get by id with a token against without, 64 callers", gets.Ratios(1), 0.8, 0.9);
    }
}
