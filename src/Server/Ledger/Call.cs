namespace TaskGrpc.Server.Ledger;

/// <summary>One call on its way through the server, whatever protocol it came by: who makes it, and what ends it.</summary>
/// <param name="name">The call's path, as gRPC writes it: /taskgrpc.v1.AgentTaskService/GetAgentTask.</param>
/// <param name="deadline">When its caller stops waiting; null for never.</param>
/// <param name="ended">Cancelled when nobody waits for the answer any more.</param>
/// <param name="late">Cancelled at the deadline, where the server keeps the time; a timer can be ahead of the clock.</param>
internal sealed class Call(string name, DateTimeOffset? deadline, CancellationToken ended, CancellationToken late = default)
{
    private Caller? _caller;

    public string Name { get; } = name;

    public CancellationToken Ended { get; } = ended;

    /// <summary>Whether its time is up.</summary>
    public bool IsLate(DateTimeOffset now) => late.IsCancellationRequested || deadline <= now;

    /// <summary>Who calls, once that is known.</summary>
    public Caller Caller => _caller ?? throw new InvalidOperationException($"{Name} was not admitted.");

    /// <summary>When the caller's token or certificate is no longer valid; null for never.</summary>
    public DateTimeOffset? AdmittedUntil { get; private set; }

    /// <summary>Cancelled when the caller may no longer have what the call streams; never for a call with a single answer.</summary>
    public CancellationToken AdmissionOver { get; private set; }

    public void Admit(Caller caller, DateTimeOffset? until, CancellationToken over = default) =>
        (_caller, AdmittedUntil, AdmissionOver) = (caller, until, over);
}
