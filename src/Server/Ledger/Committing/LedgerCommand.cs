using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A command in the lane. Its caller gets the outcome only after the batch's COMMIT.</summary>
internal abstract class LedgerCommand(Caller caller, IMutation? request, bool dryRun, CancellationToken cancellationToken)
{
    private Exception? _refusal;

    public Caller Caller { get; } = caller;

    /// <summary>The request's id; null for a request without one, a dry run, or a command of the server itself.</summary>
    public Guid? RequestId { get; } = dryRun || request is not { RequestId.Length: > 0 } ? null : Guid.Parse(request.RequestId);

    /// <summary>A hash that distinguishes a repeated request from a reused id; empty without an id.</summary>
    public byte[] Fingerprint { get; } = dryRun || request is not { RequestId.Length: > 0 } ? [] : RequestFingerprint.Of(request);

    /// <summary>The request's size in bytes, which counts towards the queue's bound.</summary>
    public int Size { get; } = request?.CalculateSize() ?? 0;

    /// <summary>The resource that the command is about, as far as the request names one: it can be fetched ahead.</summary>
    public (Table Table, Guid Id)? Target { get; init; }

    /// <summary>The resource whose lease the command will look up, to prefetch; null for none.</summary>
    public Guid? Lease { get; init; }

    /// <summary>The external keys that the command is going to give to new resources.</summary>
    public IReadOnlyList<(Table Table, string Key)> Keys { get; init; } = [];

    /// <summary>Whether to check everything and store nothing.</summary>
    public bool DryRun { get; } = dryRun;

    /// <summary>Whether the caller has canceled the call.</summary>
    public bool IsAbandoned => CancellationToken.IsCancellationRequested;

    /// <summary>Whether its answer is that of an earlier, equal request.</summary>
    public bool IsRepeat { get; protected set; }

    /// <summary>When it was first put back because another session held its organization's lock; 0 if never.</summary>
    public long HeldSince { get; set; }

    public Fault? Fault => _refusal as Fault;

    protected CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The rows that commands will read, to prefetch.</summary>
    public static Foreseen Foresee(IReadOnlyCollection<LedgerCommand> commands) => new(
        commands.Select(command => command.RequestId).OfType<Guid>(),
        commands.Select(command => command.Target).OfType<(Table, Guid)>(),
        commands.SelectMany(command => command.Keys),
        commands.Select(command => command.Lease).OfType<Guid>());

    /// <summary>
    /// Runs the command and keeps the answer until <see cref="Tell"/>. Returns what a repeat of the request will find; null if the request
    /// used no id up.
    /// </summary>
    public abstract IMessage? Run(UnitOfWork unit);

    /// <summary>Uses the answer of an earlier, equal request.</summary>
    public abstract void Repeat(byte[] answer, UnitOfWork unit);

    public void Refuse(Exception refusal) => _refusal = refusal;

    /// <summary>Forgets the outcome of a failed batch, so that the command can run again.</summary>
    public void Reset() => _refusal = null;

    /// <summary>Gives the caller the outcome.</summary>
    public void Tell()
    {
        if (_refusal is null)
        {
            Answer();
        }
        else
        {
            Fail(_refusal);
        }
    }

    protected abstract void Answer();

    protected abstract void Fail(Exception refusal);
}

/// <summary>A command with its answer's type.</summary>
internal sealed class LedgerCommand<T>(
    Caller caller, IMutation? request, bool dryRun, Func<UnitOfWork, T> run, CancellationToken cancellationToken)
    : LedgerCommand(caller, request, dryRun, cancellationToken)
    where T : class, IMessage<T>, new()
{
    // Continuations run on other threads: the lane's thread must commit the next batch.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _answer;

    public Task<T> Outcome => _outcome.Task;

    /// <summary>What to store of an answer, null for nothing; null to store it as it is.</summary>
    public Func<T, T?>? Remember { get; init; }

    /// <summary>Makes the answer of a repeated request from what was stored; null if that is the answer.</summary>
    public Func<UnitOfWork, T, T>? Recall { get; init; }

    public override IMessage? Run(UnitOfWork unit)
    {
        _answer = run(unit);
        return Remember is null ? _answer : Remember(_answer);
    }

    public override void Repeat(byte[] answer, UnitOfWork unit)
    {
        var stored = new T();
        stored.MergeFrom(answer);
        (_answer, IsRepeat) = (Recall is null ? stored : Recall(unit, stored), true);
    }

    protected override void Answer() => _outcome.TrySetResult(_answer!);

    protected override void Fail(Exception refusal)
    {
        if (refusal is OperationCanceledException)
        {
            _outcome.TrySetCanceled(CancellationToken);
        }
        else
        {
            _outcome.TrySetException(refusal);
        }
    }
}
