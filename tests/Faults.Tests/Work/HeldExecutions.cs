using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using static TaskGrpc.Faults.Tests.Work.HeldWorkModel;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>The calls of the executions of one flow, which have no priority.</summary>
internal sealed class HeldExecutions(TaskGrpcClient agent, FlowExecution flow) : IHeldWork
{
    public bool IsBoard => false;

    public async Task<string> CreateAsync(int priority) => (await agent.CreateTaskExecutionAsync(Sample.TaskExecution(flow))).Id;

    public async Task FinishAsync(string id, string token) => await agent.TaskExecutions.TransitionTaskExecutionAsync(
        new() { Id = id, Status = TaskExecutionStatus.Completed, LeaseToken = token });

    public async Task<(Stage Stage, int ClaimCount, int ExpiredLeases, bool HasLease)> GetAsync(string id)
    {
        var execution = await agent.TaskExecutions.GetTaskExecutionAsync(new() { Id = id });
        var stage = execution.Status switch
        {
            TaskExecutionStatus.Running => Stage.Working,
            TaskExecutionStatus.Completed => Stage.Done,
            TaskExecutionStatus.Failed => Stage.Failed,
            TaskExecutionStatus.Canceled => Stage.Canceled,
            _ => Stage.Open,
        };
        return (stage, execution.ClaimCount, execution.ExpiredLeases, execution.Lease is not null);
    }
}
