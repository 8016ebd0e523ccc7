using static TaskGrpc.Faults.Tests.Work.HeldWorkModel;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>The calls of a kind that the model of held work knows.</summary>
internal interface IHeldWork
{
    bool IsBoard { get; }

    /// <summary>Returns the id.</summary>
    Task<string> CreateAsync(int priority);

    /// <summary>A Transition by an AGENT to the end of the work.</summary>
    Task FinishAsync(string id, string token);

    Task<(Stage Stage, int ClaimCount, int ExpiredLeases, bool HasLease)> GetAsync(string id);
}
