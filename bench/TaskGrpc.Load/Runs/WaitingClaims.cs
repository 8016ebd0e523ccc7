using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>Workers that wait for tasks of one organization, and wait again after each answer.</summary>
internal sealed class WaitingClaims : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _claimed = new(0);
    private readonly GrpcChannel _channel;
    private readonly ReadyTasks _tasks;
    private Task[] _waiting = [];
    private int _tasksCreated;
    private int _ended;
    private volatile Exception? _failure;

    private WaitingClaims(GrpcChannel channel) => (_channel, _tasks) = (channel, new ReadyTasks(channel));

    /// <summary>How many tasks were created for them.</summary>
    public int Tasks => Volatile.Read(ref _tasksCreated);

    /// <summary>How many waits ended before their time.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public static async Task<WaitingClaims> OpenAsync(LoadServer server, int count)
    {
        var claims = new WaitingClaims(server.Channel());
        claims._waiting = [.. Enumerable.Range(0, count).Select(number => claims.WaitAsync(Longest * (number + 1) / count))];
        // The first of the line is served first, so every worker has claimed once when the last of these tasks is taken.
        for (var number = 0; number < count; number++)
        {
            await claims.CreateAndAwaitAsync(new Random());
        }

        return claims;
    }

    /// <summary>Creates a task and waits until one of the waiting workers has it.</summary>
    public async Task CreateAndAwaitAsync(Random random)
    {
        Interlocked.Increment(ref _tasksCreated);
        await _tasks.CreateAsync(random);
        await _claimed.WaitAsync();
        if (_failure is { } failure)
        {
            throw new InvalidOperationException("A waiting claim failed.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_waiting);
        _channel.Dispose();
        _stop.Dispose();
        _claimed.Dispose();
    }

    /// <param name="first">How long the first wait lasts. They differ, so that the later waits do not all end at once.</param>
    private async Task WaitAsync(TimeSpan first)
    {
        try
        {
            for (var wait = first; ; wait = Longest)
            {
                var started = Stopwatch.GetTimestamp();
                var leases = await _tasks.ClaimAsync(1, Lease, wait, _stop.Token);
                if (leases.Count > 0)
                {
                    _claimed.Release();
                }

                if (leases.Count > 0 || Stopwatch.GetElapsedTime(started) < wait - TimeSpan.FromSeconds(1))
                {
                    Interlocked.Increment(ref _ended);
                }
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && _stop.IsCancellationRequested)
        {
            // The run has ended.
        }
        catch (RpcException exception)
        {
            _failure = exception;
            _claimed.Release();
        }
    }
}
