using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The final state of one organization in the store: its log and its resources of every kind, deleted ones included.</summary>
public sealed record GroundTruth(string Organization, IReadOnlyList<Change> Log, IReadOnlyList<IResource> Resources)
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

        var resources = new List<IResource>();
        resources.AddRange(await client.ListAgentTasksAsync(new() { PageSize = 1000, ShowDeleted = true }).ToListAsync());
        resources.AddRange(await client.ListBoardTasksAsync(new() { PageSize = 1000, ShowDeleted = true }).ToListAsync());
        resources.AddRange(await client.ListMonitorTasksAsync(new() { PageSize = 1000, ShowDeleted = true }).ToListAsync());
        resources.AddRange(await client.ListDeliveriesAsync(new() { PageSize = 1000 }).ToListAsync());
        resources.AddRange(await client.ListFlowExecutionsAsync(new() { PageSize = 1000 }).ToListAsync());
        resources.AddRange(await client.ListTaskExecutionsAsync(new() { PageSize = 1000, ShowDeleted = true }).ToListAsync());
        return new GroundTruth(organization, log, resources);
    }
}
