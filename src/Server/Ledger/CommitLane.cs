using System.Data.Common;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>
/// The one way to change anything. Commands queue here; a thread of its own takes whatever came while the last commit ran, runs
/// it as one transaction, and only after its COMMIT answers the callers and wakes the watchers.
/// </summary>
internal sealed class CommitLane : IHostedService, IDisposable
{
    /// <summary>A commit that has taken this many bytes of requests is closed, so that nobody waits behind hundreds of large ones.</summary>
    private const int MostBatchBytes = 8 * 1024 * 1024;

    private readonly TaskStore _store;
    private readonly CommitSignal _signal;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly LedgerMetrics _metrics;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<CommitLane> _logger;
    private readonly Channel<LedgerCommand> _queue;
    private readonly Thread _thread;
    private StoreWriter? _writer;
    private volatile bool _broken;
    private long _queuedBytes;

    public CommitLane(TaskStore store, CommitSignal signal, IOptions<StorageOptions> options, TimeProvider time, LedgerMetrics metrics, IHostApplicationLifetime lifetime, ILogger<CommitLane> logger)
    {
        (_store, _signal, _options, _time, _metrics, _lifetime, _logger) = (store, signal, options.Value, time, metrics, lifetime, logger);
        _queue = Channel.CreateBounded<LedgerCommand>(new BoundedChannelOptions(_options.CommandQueue) { SingleReader = true });
        _metrics.ObserveQueue(() => _queue.Reader.Count);
        _thread = new Thread(Run) { Name = "commit lane", IsBackground = true };
    }

    /// <summary>Whether commits can be taken; false for good after the store failed.</summary>
    public bool IsSound => !_broken;

    /// <summary>Queues a command and waits for its outcome, which is told only once it is durable.</summary>
    /// <exception cref="Fault">What the command was refused for; OVERLOADED, STORAGE_FULL, STORAGE_UNAVAILABLE, DRAINING.</exception>
    public Task<T> CommitAsync<T>(LedgerCommand<T> command)
        where T : class, IMessage<T>, new()
    {
        if (Interlocked.Add(ref _queuedBytes, command.Size) <= _options.CommandQueueBytes && _queue.Writer.TryWrite(command))
        {
            return command.Outcome;
        }

        Interlocked.Add(ref _queuedBytes, -command.Size);
        throw _broken ? Unavailable()
            : _queue.Reader.Completion.IsCompleted || _lifetime.ApplicationStopping.IsCancellationRequested
                ? new Fault(ErrorReason.Draining, "The server is shutting down and nothing was changed. Retry at another replica, or here after the restart.")
                : new Fault(ErrorReason.Overloaded, "Too many commands wait and nothing was changed. Retry as RetryInfo says.") { RetryAfter = SomeTime() };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer = _store.OpenWriter();
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Commits what has been queued, takes nothing more, and lets go of the database.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_queue.Writer.TryComplete())
        {
            await _queue.Reader.Completion.WaitAsync(cancellationToken);
            _thread.Join();
        }
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _writer?.Dispose();
    }

    private void Run()
    {
        var batch = new List<LedgerCommand>(_options.CommitBatch);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            var size = 0;
            while (batch.Count < _options.CommitBatch && size < MostBatchBytes && _queue.Reader.TryRead(out var command))
            {
                Interlocked.Add(ref _queuedBytes, -command.Size);
                size += command.Size;
                batch.Add(command);
            }

            if (_broken)
            {
                RefuseAll(batch, Unavailable());
            }
            else
            {
                CommitTogether(batch);
            }

            batch.Clear();
        }
    }

    private void CommitTogether(List<LedgerCommand> commands)
    {
        // 1. Everything of the batch in one transaction.
        var started = _time.GetTimestamp();
        var batch = new Batch(_writer!, _time, _options.RequestRetention);
        try
        {
            Write(batch, commands);
        }
        catch (Exception exception)
        {
            Undo(commands, exception);
            return;
        }

        // 2. The callers, strictly after COMMIT.
        FaultPoint.Pass(FaultPoint.AfterCommit);
        _metrics.Committed(commands.Count, commands.Count(command => command.Fault is not null), _time.GetElapsedTime(started));
        foreach (var command in commands)
        {
            command.Tell();
        }

        // 3. The watchers.
        FaultPoint.Pass(FaultPoint.AfterAnswer);
        Publish(batch);
    }

    private void Publish(Batch batch)
    {
        foreach (var (organizationId, logged) in batch.Logged)
        {
            _signal.Raise(organizationId, logged);
        }
    }

    private void Write(Batch batch, List<LedgerCommand> commands)
    {
        _writer!.Begin();
        foreach (var command in commands)
        {
            batch.Run(command);
        }

        batch.Flush();
        if (!batch.HasWritten)
        {
            _writer.TryRollback();
            return;
        }

        if (KnownBug.IsBack(KnownBug.PublishBeforeCommit))
        {
            Publish(batch);
        }

        FaultPoint.Pass(FaultPoint.BeforeCommit);
        _writer.Commit();
    }

    /// <summary>Undoes a transaction that failed and tells each caller what that means for it.</summary>
    private void Undo(List<LedgerCommand> commands, Exception exception)
    {
        var failure = exception is DbException error ? StorageFailures.Classify(error) : StorageFailure.Refused;
        if (failure != StorageFailure.Broken && !_writer!.TryRollback())
        {
            failure = StorageFailure.Broken;
        }

        if (failure == StorageFailure.Broken)
        {
            // A commit that failed in fsync may reappear after a restart, so nothing more may be said of it, and nothing built on it.
            _broken = true;
            _logger.StoreBroken(exception, commands.Count);
            RefuseAll(commands, Unavailable());
            Environment.ExitCode = 1;
            _lifetime.StopApplication();
            return;
        }

        switch (failure)
        {
            case StorageFailure.Full:
                _logger.DiskFull(commands.Count);
                RefuseAll(commands, new Fault(ErrorReason.StorageFull, "The server's disk is full and nothing was changed. Retry when the operator has made room."));
                break;
            case StorageFailure.Busy:
                _logger.DatabaseBusy(exception, commands.Count);
                RefuseAll(commands, Unavailable());
                break;
            case StorageFailure.Refused when commands.Count == 1:
                RefuseAll(commands, exception);
                break;
            default:
                _logger.BatchSplit(exception, commands.Count);
                foreach (var command in commands)
                {
                    CommitAlone(command);
                }

                break;
        }
    }

    private void CommitAlone(LedgerCommand command)
    {
        if (_broken)
        {
            RefuseAll([command], Unavailable());
            return;
        }

        command.Reset();
        CommitTogether([command]);
    }

    private static void RefuseAll(List<LedgerCommand> commands, Exception refusal)
    {
        foreach (var command in commands)
        {
            command.Refuse(refusal);
            command.Tell();
        }
    }

    /// <summary>A different time for each caller, so that those who were refused together do not come back together.</summary>
    private static TimeSpan SomeTime() => TimeSpan.FromMilliseconds(Random.Shared.Next(100, 500));

    private static Fault Unavailable() =>
        new(ErrorReason.StorageUnavailable, "The store failed while this change was under way, so its outcome is unknown. Retry with the same request_id to find out.");
}
