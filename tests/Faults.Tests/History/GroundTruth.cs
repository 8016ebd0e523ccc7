using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>What the store says in the end of one organization: its log and its agent tasks, deleted ones included.</summary>
public sealed record GroundTruth(string Organization, IReadOnlyList<Change> Log, IReadOnlyList<AgentTask> Resources)
{
    public long Head => Log.Count == 0 ? 0 : Log[^1].Revision;

    public static async Task<GroundTruth> ReadAsync(TaskGrpcClient client, string organization)
    {
        var log = new List<Change>();
        var changes = new ListChangesRequest { PageSize = 1000 };
        do
        {
            var page = await client.Changes.ListChangesAsync(changes);
            log.AddRange(page.Events.Select(item => item.Change));
            changes.PageToken = page.NextPageToken;
        }
        while (changes.PageToken.Length > 0);

        var resources = new List<AgentTask>();
        var list = new ListAgentTasksRequest { PageSize = 1000, ShowDeleted = true };
        do
        {
            var page = await client.AgentTasks.ListAgentTasksAsync(list);
            resources.AddRange(page.AgentTasks);
            list.PageToken = page.NextPageToken;
        }
        while (list.PageToken.Length > 0);
        return new GroundTruth(organization, log, resources);
    }
}
