using Grpc.Net.Client;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>Pages of 50 among a million tasks, against one handwritten statement; and deep pages against first pages.</summary>
internal static class ListRun
{
    private const int Callers = 16;

    /// <summary>The organization with deep pages.</summary>
    public const int Deep = 7;

    /// <summary>How many more tasks that organization has.</summary>
    public const int DeepTasks = 100_000;

    public static async Task RunAsync(LoadOptions options, Report report, Dataset data)
    {
        using var server = await LoadServer.StartAsync(data.Folder);
        using var bare = await BareServer.StartBesideAsync(data.Folder);
        using GrpcChannel own = server.Channel(), raw = bare.Channel();
        var statement = raw.CreateCallInvoker();

        var lists = report.Add(await Comparison.RunAsync(
            $"list of 50 by status and assignee, {data.Count:N0} tasks, {Callers} callers",
            options,
            new("TaskGrpc", turn => ListAsync(server, own, turn)),
            new("the raw prepared statement over gRPC",
                turn => ClosedLoop.RunAsync(Callers, turn, bare, async (_, random) => await statement.AsyncUnaryCall(
                BareBytes.Listed,
                null,
                default,
                new BareListRequest
                {
                    OrganizationId = Tasks.Organization(random.Next(Tasks.Organizations)),
                    Status = (int)AgentTaskStatus.Queued,
                    AssignedAgentRole = Tasks.Role(random.Next(Tasks.Roles))
                })))));
        report.AtMost("list of 50 at 1,000,000 tasks, server CPU against a raw prepared statement", lists.Ratios(1, sample => sample.Cpu),
            1.25, 1.1);

        var deep = await DeepTokenAsync(own, options.Count(DeepTasks) / 2);
        var tasks = new AgentTaskService.AgentTaskServiceClient(own);
        Alternative Page(string name, string token) =>
            new(name, turn =>
                ClosedLoop.RunAsync(Callers, turn, server,
                    async (_, _) =>
                    await tasks.ListAgentTasksAsync(new ListAgentTasksRequest { PageToken = token, PageSize = 50 }, Tasks.Callers[Deep])));
        var pages = report.Add(
            await Comparison.RunAsync($"page of 50 in an organization of {options.Count(DeepTasks):N0}", options,
                Page($"after {options.Count(DeepTasks) / 2:N0} tasks", deep), Page("the first", "")));
        report.AtMost("deep page against first page at 1,000,000 tasks, server CPU", pages.Ratios(1, sample => sample.Cpu), 1.2, 1.05);
    }

    public static Task<Sample> ListAsync(Subject server, GrpcChannel channel, TimeSpan turn)
    {
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        return ClosedLoop.RunAsync(Callers, turn, server, async (_, random) => await tasks.ListAgentTasksAsync(
            new ListAgentTasksRequest { Filter = $"status = QUEUED AND assigned_agent_role = \"{Tasks.Role(random.Next(Tasks.Roles))}\"" },
            Tasks.Callers[random.Next(Tasks.Organizations)]));
    }

    private static async Task<string> DeepTokenAsync(GrpcChannel channel, int after)
    {
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var (token, read) = ("", 0);
        while (read < after)
        {
            var page = await tasks.ListAgentTasksAsync(
                new ListAgentTasksRequest { PageToken = token, PageSize = Math.Min(1000, after - read) }, Tasks.Callers[Deep]);
            (token, read) = (page.NextPageToken, read + page.AgentTasks.Count);
        }

        return token;
    }
}
