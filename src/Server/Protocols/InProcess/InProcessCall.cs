using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using Status = Grpc.Core.Status;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>
/// One call in this process: its deadline, its end, and how it ended. What is refused before it begins is refused like what is refused later.
/// </summary>
internal sealed class InProcessCall : IDisposable
{
    /// <summary>The longest time that a timer takes.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly ServedCall? _served;
    private readonly CallOptions _options;
    private readonly Refusals _refusals;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationToken _stopped;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RpcException? _failure;
    private volatile bool _isOver;

    public InProcessCall(
        string name, ServedCall? served, CallOptions options, TimeSpan? longest, Refusals refusals, TimeProvider time, CancellationToken stopped)
    {
        (_served, _options, _refusals, _stopped) = (served, options, refusals, stopped);
        var now = time.GetUtcNow();
        DateTimeOffset? deadline = options.Deadline is { } own && own != DateTime.MaxValue ? new DateTimeOffset(own.ToUniversalTime()) : null;
        deadline = longest is { } most && !(deadline - now < most) ? now + most : deadline;
        _deadline = new CancellationTokenSource(TimerOf(deadline - now), time);
        Ending = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, _deadline.Token, _disposed.Token, stopped);
        Call = new Call(name, deadline, Ending.Token);
        Credentials = new MetadataCredentials(options.Headers);
    }

    public Call Call { get; }

    public Credentials Credentials { get; }

    /// <summary>What the server answers before its first message.</summary>
    public Task<Metadata> Headers => _headers.Task;

    private CancellationTokenSource Ending { get; }

    /// <summary>Refuses the call before it begins.</summary>
    public void Refuse(RpcException failure) => _failure = failure;

    public Status GetStatus() => !_isOver ? throw new InvalidOperationException("The call has no status yet: it is under way.")
        : _failure?.Status ?? Status.DefaultSuccess;

    public Metadata GetTrailers() => !_isOver ? throw new InvalidOperationException("The call has no trailers yet: it is under way.")
        : _failure?.Trailers ?? [];

    public void Dispose()
    {
        if (!_isOver)
        {
            _disposed.Cancel();
        }
    }

    /// <summary>Takes notice of how a task ends that may not be waited for to its end.</summary>
    public static void Observe(Task task) =>
        task.ContinueWith(static ended => _ = ended.Exception, default, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Says that the answer begins.</summary>
    public void BeginAnswer() => _headers.TrySetResult([]);

    public Task<TResponse> AnswerAsync<TResponse>(Func<ServedCall, IMessage> read, Admission admission)
        where TResponse : class => RunAsync(read, async (served, request) =>
        {
            await admission.AdmitAsync(Call, served.Scope, Credentials);
            var answer = (Answer<TResponse>)await served.Handler.Answer!(request, Call);
            return answer.IsShared ? ((IDeepCloneable<TResponse>)answer.Message).Clone() : answer.Message;
        });

    /// <summary>Runs the call, away from its caller's context, and ends it at once when nobody waits for it any more.</summary>
    /// <exception cref="RpcException">How it failed.</exception>
    public async Task<T> RunAsync<T>(Func<ServedCall, IMessage> read, Func<ServedCall, IMessage, Task<T>> run)
    {
        try
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            // Read before anything waits: the request is the caller's, which may change it.
            var request = read(_served!);
            Ending.Token.ThrowIfCancellationRequested();
            var running = Task.Run(() => run(_served!, request), CancellationToken.None);
            Observe(running);
            // The caller may be blocked in a context of one thread.
            return await running.WaitAsync(Ending.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw _failure = FailureOf(exception);
        }
        finally
        {
            _isOver = true;
            BeginAnswer();
            _deadline.Dispose();
            Ending.Dispose();
        }
    }

    private RpcException FailureOf(Exception exception) => exception switch
    {
        RpcException failure => failure,
        OperationCanceledException when _options.CancellationToken.IsCancellationRequested || _disposed.IsCancellationRequested =>
            new RpcException(new Status(StatusCode.Cancelled, "The caller cancelled the call.", exception)),
        OperationCanceledException when _deadline.IsCancellationRequested => new RpcException(new Status(StatusCode.DeadlineExceeded, "", exception)),
        _ when _stopped.IsCancellationRequested => Refused(new Fault(ErrorReason.Draining, "The server has stopped. Retry at another replica, or here after the restart.")),
        _ => Refused(exception),
    };

    private RpcException Refused(Exception exception)
    {
        var refusal = _refusals.Of(exception, Call);
        var failure = refusal.Status.ToRpcException();
        if (refusal.RetryAfter is { } delay)
        {
            failure.Trailers.Add(Pushback.Of(delay));
        }

        return failure;
    }

    private static TimeSpan TimerOf(TimeSpan? left) =>
        left is not { } time || time > LongestTimer ? Timeout.InfiniteTimeSpan
        : time > TimeSpan.Zero ? time
        : TimeSpan.Zero;
}
