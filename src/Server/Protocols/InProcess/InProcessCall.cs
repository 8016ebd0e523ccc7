using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using Status = Grpc.Core.Status;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>One call in this process.</summary>
internal sealed class InProcessCall : IDisposable
{
    /// <summary>The longest time that a timer accepts.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly ServedCall? _served;
    private readonly CancellationToken _cancelled;
    private readonly CancellationToken _stopped;
    private readonly Refusals _refusals;
    private readonly CancellationTokenSource _ending;
    private readonly bool _isTimed;
    private RpcException? _failure;
    private volatile bool _isDisposed;
    private volatile bool _isOver;

    /// <param name="name">The call's path.</param>
    /// <param name="served">The served call; null if the path has none.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="longest">The bound on its duration.</param>
    /// <param name="refusals">Turns failures into statuses.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopped">Cancelled once the server has stopped.</param>
    public InProcessCall(
        string name, ServedCall? served, CallOptions options, LongestCall longest, Refusals refusals, TimeProvider time,
            CancellationToken stopped)
    {
        (_served, _cancelled, _refusals, _stopped) = (served, options.CancellationToken, refusals, stopped);
        DateTimeOffset? own = options.Deadline is { } set && set != DateTime.MaxValue ? new DateTimeOffset(set.ToUniversalTime()) : null;
        var deadline = served is null ? own : longest.DeadlineOf(served, own);
        _isTimed = deadline is not null;
        _ending = deadline is { } moment
            ? new CancellationTokenSource(TimerOf(moment - time.GetUtcNow()), time) : new CancellationTokenSource();
        Call = new Call(name, deadline, _ending.Token);
        Credentials = new MetadataCredentials(options.Headers);
    }

    public Call Call { get; }

    public Credentials Credentials { get; }

    /// <summary>Refuses the call before it begins.</summary>
    public void Refuse(StatusCode code, string message) => _failure = new RpcException(new Status(code, message));

    public Status GetStatus() => !_isOver ? throw new InvalidOperationException("The call has no status until it ends.")
        : _failure?.Status ?? Status.DefaultSuccess;

    public Metadata GetTrailers() => !_isOver ? throw new InvalidOperationException("The call has no trailers until it ends.")
        : _failure?.Trailers ?? [];

    public void Dispose()
    {
        _isDisposed = true;
        if (!_isOver)
        {
            _ending.Cancel();
        }
    }

    /// <summary>Observes the exception of a task that nothing may await.</summary>
    public static void Observe(Task task) =>
        task.ContinueWith(static ended => _ = ended.Exception, default, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    public Task<TResponse> AnswerAsync<TResponse>(Func<ServedCall, IMessage> read, Admission admission)
        where TResponse : class => RunAsync(read, async (served, request) =>
        {
            await admission.AdmitAsync(Call, served.ScopeOf(request), Credentials);
            var answer = (Answer<TResponse>)await served.Handler.Answer!(request, Call);
            return answer.IsShared ? ((IDeepCloneable<TResponse>)answer.Message).Clone() : answer.Message;
        });

    /// <summary>Runs the call, and ends it as soon as the caller no longer waits.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<T> RunAsync<T>(Func<ServedCall, IMessage> read, Func<ServedCall, IMessage, Task<T>> run)
    {
        try
        {
            using var cancelled = End(_cancelled);
            if (_failure is not null)
            {
                throw _failure;
            }

            // Read before the first await: the caller may change its request.
            var request = read(_served!);
            _ending.Token.ThrowIfCancellationRequested();
            if (_served!.Handler.IsBrief && SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default)
            {
                // Changing threads would cost more than the call.
                return await run(_served, request).ConfigureAwait(false);
            }

            using var stopped = End(_stopped);
            var running = Task.Run(() => run(_served, request), CancellationToken.None);
            Observe(running);
            // ConfigureAwait(false), because the caller may block a single-threaded context.
            return await running.WaitAsync(_ending.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw _failure = FailureOf(exception);
        }
        finally
        {
            _isOver = true;
            if (_isTimed)
            {
                // Only stop the timer: Dispose would race with a caller that disposes of the call.
                _ending.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Ends the call when a token is cancelled.</summary>
    private CancellationTokenRegistration End(CancellationToken with) =>
        with.UnsafeRegister(static ending => ((CancellationTokenSource)ending!).Cancel(), _ending);

    private RpcException FailureOf(Exception exception) => exception switch
    {
        RpcException failure => failure,
        OperationCanceledException when _cancelled.IsCancellationRequested || _isDisposed =>
            new RpcException(new Status(StatusCode.Cancelled, "The caller cancelled the call.", exception)),
        _ when _stopped.IsCancellationRequested =>
            Refused(new Fault(ErrorReason.Draining, "The server has stopped. Retry on another replica, or here after the restart.")),
        OperationCanceledException when _ending.IsCancellationRequested =>
            new RpcException(new Status(StatusCode.DeadlineExceeded, "", exception)),
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

    private static TimeSpan TimerOf(TimeSpan left) =>
        left > LongestTimer ? Timeout.InfiniteTimeSpan
        : left > TimeSpan.Zero ? left
        : TimeSpan.Zero;
}
