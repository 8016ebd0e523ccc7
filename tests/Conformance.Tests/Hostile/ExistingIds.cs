using TaskGrpc.Client;
using TaskGrpc.TestKit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>One resource of each kind that requests can name.</summary>
internal sealed class ExistingIds
{
    // A longer name comes before the names that it contains.
    private readonly List<(string Kind, string Id)> _ids = [];

    public static async Task<ExistingIds> CreateAsync(TaskGrpcClient client)
    {
        var ids = new ExistingIds();
        var flow = await client.CreateFlowExecutionAsync();
        var monitor = await client.CreateMonitorTaskAsync();
        ids._ids.Add(("MonitorTask", monitor.TaskId));
        ids._ids.Add(("Deliver", (await client.TriggerAsync(monitor)).Id));
        ids._ids.Add(("FlowExecution", flow.Id));
        ids._ids.Add(("TaskExecution", (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow))).Id));
        ids._ids.Add(("SigningSecret", (await client.SigningSecrets.CreateSigningSecretAsync(new())).Id));
        ids._ids.Add(("BoardTask", (await client.CreateBoardTaskAsync()).Id));
        ids._ids.Add(("Subtask", ids._ids[^1].Id));
        ids._ids.Add(("Parents", ids._ids[^1].Id));
        ids._ids.Add(("Block", ids._ids[^1].Id));
        ids._ids.Add(("", (await client.CreateAgentTaskAsync()).Id));
        return ids;
    }

    /// <summary>The id of the resource that a message of this name names.</summary>
    public string For(string message) => _ids.First(item => message.Contains(item.Kind, StringComparison.Ordinal)).Id;
}
