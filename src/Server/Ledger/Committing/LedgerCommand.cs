using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A command on its way through the lane. Its outcome is told only after the batch's COMMIT.</summary>
internal abstract class LedgerCommand(Caller caller, IMutation? request, bool dryRun, CancellationToken cancellationToken)
{
    private Exception? _refusal;

    public Caller Caller { get; } = caller;

    /// <summary>The request's id; null when it has none, when it is a dry run, which burns none, or when no caller sent it.</summary>
    public Guid? RequestId { get; } = dryRun || request is not { RequestId.Length: > 0 } ? null : Guid.Parse(request.RequestId);

    /// <summary>A hash that tells a repeated request from a reused id; empty without an id.</summary>
    public byte[] Fingerprint { get; } = dryRun || request is not { RequestId.Length: > 0 } ? [] : RequestFingerprint.Of(request);

    /// <summary>The request's size in bytes: what waiting costs.</summary>
    public int Size { get; } = request?.CalculateSize() ?? 0;

    /// <summary>The resource that the command is about, as far as the request names one: it can be fetched ahead.</summary>
    public (Table Table, Guid Id)? Target { get; init; }

    /// <summary>The external keys that the command is going to give to new resources.</summary>
    public IReadOnlyList<(Table Table, string Key)> Keys { get; init; } = [];

    /// <summary>Whether to check everything and keep nothing.</summary>
    public bool DryRun { get; } = dryRun;

    /// <summary>Whether the caller has gone before the command was begun.</summary>
    public bool IsAbandoned => CancellationToken.IsCancellationRequested;

    /// <summary>When it was first put back because another session held its organization; 0 if it was not.</summary>
    public long HeldSince { get; set; }

    public Fault? Fault => _refusal as Fault;

    protected CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>What commands are going to ask the store for.</summary>
    public static Foreseen Foresee(IReadOnlyCollection<LedgerCommand> commands) => new(
        commands.Select(command => command.RequestId).OfType<Guid>(),
        commands.Select(command => command.Target).OfType<(Table, Guid)>(),
        commands.SelectMany(command => command.Keys));

    /// <summary>Runs the command and keeps the answer until <see cref="Tell"/>.</summary>
    public abstract IMessage Run(UnitOfWork unit);

    /// <summary>Takes the answer of an earlier, equal request.</summary>
    public abstract void Repeat(byte[] answer);

    public void Refuse(Exception refusal) => _refusal = refusal;

    /// <summary>Forgets an outcome that did not come to be, so that the command can be run again.</summary>
    public void Reset() => _refusal = null;

    /// <summary>Lets the caller know the outcome.</summary>
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
internal sealed class LedgerCommand<T>(Caller caller, IMutation? request, bool dryRun, Func<UnitOfWork, T> run, CancellationToken cancellationToken)
    : LedgerCommand(caller, request, dryRun, cancellationToken)
    where T : class, IMessage<T>, new()
{
    // Continuations run elsewhere: the lane's thread has the next batch to commit.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _answer;

    public Task<T> Outcome => _outcome.Task;

    public override IMessage Run(UnitOfWork unit) => _answer = run(unit);

    public override void Repeat(byte[] answer)
    {
        _answer = new T();
        _answer.MergeFrom(answer);
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
