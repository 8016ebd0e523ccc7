using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Keeps the lease of one piece of work, tells its progress, and hears of its cancel. The lease is lost when the server says so, or when
/// it has passed by this machine's own clock without an answer: the clocks of two machines differ, so only durations count.
/// </summary>
/// <param name="work">The work.</param>
/// <param name="duration">The duration of the lease.</param>
internal sealed class Heartbeats<T>(TaskGrpcWork<T> work, TimeSpan duration)
    where T : class, IClaimable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    /// <summary>Reports of progress come no faster than this.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly ClientState _client = work.Client.State;
    private readonly TimeSpan _interval = duration / 3 < LongestInterval ? duration / 3 : LongestInterval;
    private readonly long _claimedAt = work.Client.State.Options.TimeProvider.GetTimestamp();

    private TimeProvider Time => _client.Options.TimeProvider;

    /// <summary>Sends heartbeats until the work has ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await BeatAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException)
        {
            // The client was disposed, so nobody keeps the lease any more.
            work.Lose();
        }
    }

    private async Task BeatAsync(CancellationToken stop)
    {
        var (from, lasts) = (_claimedAt, work.Lease.Remaining?.ToTimeSpan() ?? duration);
        var pause = lasts / 3 < _interval ? lasts / 3 : _interval;
        for (var failures = 0; !work.IsEnded;)
        {
            await WaitAsync(from, pause, failures, stop).ConfigureAwait(false);
            var (sentAt, progress) = (Time.GetTimestamp(), work.Reports.Newest);
            try
            {
                var answer = await SendAsync(progress, Left(from, lasts), stop).ConfigureAwait(false);
                // From the moment of the sending: the server has extended the lease no earlier than that.
                (from, lasts, pause, failures) = (sentAt, answer.Remaining.ToTimeSpan(), _interval, 0);
                Take(answer, progress);
                continue;
            }
            catch (TaskGrpcException refusal) when (refusal.Reason is ErrorReason.LeaseLost or ErrorReason.ResourceNotFound)
            {
                work.Lose();
                return;
            }
            catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.InvalidField && progress is not null)
            {
                work.Reports.Remove(progress);
            }
            catch (TaskGrpcException)
            {
                // The server may be back before the lease ends.
            }

            failures++;
            if (Left(from, lasts) == TimeSpan.Zero && work.Lose())
            {
                return;
            }
        }
    }

    /// <summary>Waits until it is time: for the next heartbeat, for a report, or after a failure.</summary>
    private async Task WaitAsync(long from, TimeSpan pause, int failures, CancellationToken stop)
    {
        if (failures > 0)
        {
            await _client.PauseAsync(_client.Backoff(failures, asked: null), stop).ConfigureAwait(false);
            return;
        }

        using var due = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var beat = Task.Delay(Left(from, pause), Time, due.Token);
        if (await Task.WhenAny(beat, work.Reports.Arrival).ConfigureAwait(false) != beat)
        {
            await due.CancelAsync().ConfigureAwait(false);
            await Task.Delay(Left(from, ReportInterval < pause ? ReportInterval : pause), Time, stop).ConfigureAwait(false);
        }

        stop.ThrowIfCancellationRequested();
    }

    private async Task<HeartbeatResponse> SendAsync(Progress? progress, TimeSpan left, CancellationToken stop)
    {
        var request = new HeartbeatRequest
        {
            Kind = WorkKind<T>.Instance.Kind,
            Id = work.Resource.Id,
            LeaseToken = work.LeaseToken,
            Progress = progress,
        };
        // A call that hangs must leave time for another one.
        var limit = left < _interval ? left : _interval;
        var deadline = Time.GetUtcNow().UtcDateTime + limit;
        return await work.Client.Work.HeartbeatAsync(request, deadline: deadline, cancellationToken: stop).ConfigureAwait(false);
    }

    private void Take(HeartbeatResponse answer, Progress? told)
    {
        if (told is not null)
        {
            work.Reports.Remove(told);
        }

        if (answer.Directive == HeartbeatDirective.Cancel)
        {
            work.RequestCancel(answer.Reason);
        }
    }

    /// <summary>What is left of a time that began at a timestamp; zero if nothing is.</summary>
    private TimeSpan Left(long from, TimeSpan time)
    {
        var left = time - Time.GetElapsedTime(from);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
