using Grpc.Net.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>HTTP with JSON, against gRPC on the same server: gets by id, and the fan-out of a watch as server-sent events.</summary>
internal static class HttpRun
{
    private const int Callers = 64;
    private const int Readers = 100;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using GrpcChannel own = server.Channel(), writes = server.Channel();
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = server.Http };
        var stored = await Dataset.FillAsync(own, options.Count(20_000, 1000));

        var gets = report.Add(await Comparison.RunAsync($"get by id over HTTP with JSON, {Callers} callers", options,
            new("TaskGrpc, JSON", turn => GetAsync(server, http, stored, turn)),
            new("TaskGrpc, gRPC", turn => GetRun.GetAsync(server, own, stored, turn))));
        report.AtMost("processor time of a get over JSON against gRPC, 64 callers", gets.Ratios(1, sample => sample.Cpu), 1.8, 1.2);

        var readers = options.Count(Readers);
        var fanOut = report.Add(await Comparison.RunAsync($"live fan-out, server-sent events to {readers:N0} readers", options,
            new("TaskGrpc, events", turn => WatchRun.FanOutAsync(server,
                () => Watchers.OpenEventsAsync(http, readers, Tasks.Organization(0)), writes, readers, turn)),
            new("TaskGrpc, gRPC", turn => WatchRun.FanOutAsync(server, () => WatchRun.OpenAsync(own, readers), writes, readers, turn))));
        report.AtLeast("server-sent events to 100 readers against gRPC", fanOut.Ratios(1), 0.5, 0.8);
    }

    private static Task<Sample> GetAsync(
        LoadServer server, HttpClient http, IReadOnlyList<(int Organization, string Id)> stored, TimeSpan turn)
    {
        var answers = Enumerable.Range(0, Callers).Select(_ => new byte[16 * 1024]).ToArray();
        return ClosedLoop.RunAsync(Callers, turn, server, async (caller, random) =>
        {
            var (organization, id) = stored[random.Next(stored.Count)];
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/agent-tasks/{id}");
            request.Headers.Add("x-organization-id", Tasks.Organization(organization));
            request.Headers.Add("x-actor-id", "load");
            request.Headers.Add("x-actor-type", "service");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            while (await body.ReadAsync(answers[caller]) > 0)
            {
                // To its end, so that the connection is free again.
            }
        });
    }
}
