using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using static TaskGrpc.Faults.Tests.Work.HeldWorkModel;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>The calls of board tasks.</summary>
internal sealed class HeldBoardTasks(TaskGrpcClient agent, TaskGrpcClient user) : IHeldWork
{
    public bool IsBoard => true;

    public async Task<string> CreateAsync(int priority) =>
        (await agent.CreateBoardTaskAsync(new BoardTask { Title = "Look into it", Priority = priority })).Id;

    public async Task FinishAsync(string id, string token) => await agent.BoardTasks.TransitionBoardTaskAsync(
        new() { Id = id, Status = BoardTaskStatus.Done, LeaseToken = token });

    public async Task PrioritizeAsync(string id, int priority) => await user.BoardTasks.UpdateBoardTaskAsync(
        new() { BoardTask = new() { Id = id, Priority = priority }, UpdateMask = new() { Paths = { "priority" } } });

    public async Task DeleteAsync(string id) => await user.BoardTasks.DeleteBoardTaskAsync(new() { Id = id });

    public async Task BlockAsync(string id, string blocker) =>
        await user.BoardTasks.AddBlockerAsync(new() { BlockedId = id, BlockerId = blocker });

    public async Task<(Stage Stage, int ClaimCount, int ExpiredLeases, bool HasLease)> GetAsync(string id)
    {
        var task = await agent.BoardTasks.GetBoardTaskAsync(new() { Id = id });
        var stage = task.Status switch
        {
            BoardTaskStatus.Running => Stage.Working,
            BoardTaskStatus.Done => Stage.Done,
            _ => Stage.Open,
        };
        return (stage, task.ClaimCount, task.ExpiredLeases, task.Lease is not null);
    }
}
