using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The present outages of the store. The log gets one line when an outage begins and one when it ends, however many calls, polls and
/// watches fail meanwhile.
/// </summary>
internal sealed class StoreOutages(ILogger<StoreOutages> logger)
{
    /// <summary>
    /// How long nothing may fail before an outage counts as ended: at a connection limit, some calls succeed between others that fail.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly Outage _lost = new();
    private readonly Outage _full = new();
    private readonly Outage _held = new();

    private long _failures;

    /// <summary>How many failures there were since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Whether the disk is full: changes are refused.</summary>
    public bool IsFull => _full.IsOn;

    /// <summary>Records a failure, and logs the first one of an outage.</summary>
    public void Failed(StorageFailure failure, Exception exception)
    {
        Interlocked.Increment(ref _failures);
        logger.StoreFailure(exception, failure);
        switch (failure)
        {
            case StorageFailure.Full when _full.Begins():
                logger.DiskFull(FailureText.Of(exception));
                break;
            case StorageFailure.Busy or StorageFailure.Held when _held.Begins():
                logger.DatabaseHeld(FailureText.Of(exception));
                break;
            // A database without room for its WAL stops; that is the same outage.
            case StorageFailure.Lost when !_full.IsOn && _lost.Begins():
                logger.DatabaseFails(FailureText.Of(exception));
                break;
            default:
                break;
        }
    }

    /// <summary>Records a successful answer of the database.</summary>
    public void Answered()
    {
        if (_lost.IsOn && _lost.Ends(out var duration, out var failures))
        {
            logger.DatabaseAnswers(duration.TotalSeconds, failures);
        }
    }

    /// <summary>Records a successful commit.</summary>
    public void Committed()
    {
        Answered();
        if (_held.IsOn && _held.Ends(out var duration, out var failures))
        {
            logger.DatabaseFree(duration.TotalSeconds, failures);
        }

        HasRoom();
    }

    /// <summary>Records that the disk had room for a write.</summary>
    public void HasRoom()
    {
        if (_full.IsOn && _full.Ends(out var duration, out var failures))
        {
            logger.DiskHasRoom(duration.TotalSeconds, failures);
        }
    }

    private sealed class Outage
    {
        private readonly Lock _gate = new();
        private long _began;
        private long _last;
        private long _failures;
        private volatile bool _isOn;

        public bool IsOn => _isOn;

        /// <summary>Counts a failure; true if it is the first one.</summary>
        public bool Begins()
        {
            lock (_gate)
            {
                // The machine's timestamp: setting the clock must not end an outage.
                _last = TimeProvider.System.GetTimestamp();
                _failures++;
                if (_isOn)
                {
                    return false;
                }

                (_isOn, _began, _failures) = (true, _last, 1);
                return true;
            }
        }

        /// <summary>Records a success; true if it ends the outage.</summary>
        public bool Ends(out TimeSpan duration, out long failures)
        {
            lock (_gate)
            {
                (duration, failures) = (TimeProvider.System.GetElapsedTime(_began), _failures);
                if (!_isOn || TimeProvider.System.GetElapsedTime(_last) < Quiet)
                {
                    return false;
                }

                _isOn = false;
                return true;
            }
        }
    }
}
