namespace TaskGrpc.Server.Ledger;

/// <summary>One call, of any protocol: its caller, and what ends it.</summary>
/// <param name="name">The call's path, as gRPC writes it: /taskgrpc.v1.AgentTaskService/GetAgentTask.</param>
/// <param name="deadline">When the caller stops waiting; null for never.</param>
/// <param name="ended">Cancelled when the caller no longer waits for the answer.</param>
/// <param name="late">Cancelled at the deadline, if the server runs the timer; a timer can be ahead of the clock.</param>
internal sealed class Call(string name, DateTimeOffset? deadline, CancellationToken ended, CancellationToken late = default)
{
    private Caller? _caller;

    public string Name { get; } = name;

    /// <summary>When the caller stops waiting; null for never.</summary>
    public DateTimeOffset? Deadline { get; } = deadline;

    public CancellationToken Ended { get; } = ended;

    /// <summary>Whether the deadline has passed.</summary>
    public bool IsLate(DateTimeOffset now) => late.IsCancellationRequested || Deadline <= now;

    /// <summary>The caller, once admitted.</summary>
    public Caller Caller => _caller ?? throw new InvalidOperationException($"{Name} was not admitted.");

    /// <summary>When the caller's token or certificate expires; null for never.</summary>
    public DateTimeOffset? AdmittedUntil { get; private set; }

    /// <summary>Cancelled when the caller may no longer receive the stream; never cancelled for a unary call.</summary>
    public CancellationToken AdmissionOver { get; private set; }

    public void Admit(Caller caller, DateTimeOffset? until, CancellationToken over = default) =>
        (_caller, AdmittedUntil, AdmissionOver) = (caller, until, over);
}
