using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// What is wrong with the store at present. Each outage is told once when it begins and once when it has ended, however many calls, polls
/// and watches meet it.
/// </summary>
internal sealed class StoreOutages(ILogger<StoreOutages> logger)
{
    /// <summary>
    /// For how long nothing may have failed before an outage counts as ended: at a limit of connections some calls succeed between others
    /// that fail.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly Outage _lost = new();
    private readonly Outage _full = new();
    private readonly Outage _held = new();

    /// <summary>Whether the disk is full, so that changes are refused.</summary>
    public bool IsFull => _full.IsOn;

    /// <summary>Takes notice of a failure; the first one of an outage is told.</summary>
    public void Failed(StorageFailure failure, Exception exception)
    {
        logger.StoreFailure(exception, failure);
        switch (failure)
        {
            case StorageFailure.Full when _full.Begins():
                logger.DiskFull(FailureText.Of(exception));
                break;
            case StorageFailure.Busy or StorageFailure.Held when _held.Begins():
                logger.DatabaseHeld(FailureText.Of(exception));
                break;
            // A database that has no room for its log stops, which is no other outage.
            case StorageFailure.Lost when !_full.IsOn && _lost.Begins():
                logger.DatabaseFails(FailureText.Of(exception));
                break;
            default:
                break;
        }
    }

    /// <summary>Takes notice that the database has answered as it should.</summary>
    public void Answered()
    {
        if (_lost.IsOn && _lost.Ends(out var duration, out var failures))
        {
            logger.DatabaseAnswers(duration.TotalSeconds, failures);
        }
    }

    /// <summary>Takes notice that a commit was taken.</summary>
    public void Committed()
    {
        Answered();
        if (_held.IsOn && _held.Ends(out var duration, out var failures))
        {
            logger.DatabaseFree(duration.TotalSeconds, failures);
        }

        HasRoom();
    }

    /// <summary>Takes notice that there was room for a write.</summary>
    public void HasRoom()
    {
        if (_full.IsOn && _full.Ends(out var duration, out var failures))
        {
            logger.DiskHasRoom(duration.TotalSeconds, failures);
        }
    }

    /// <summary>One kind of outage.</summary>
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
                // The machine's own time: an outage does not end with a clock that is set.
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

        /// <summary>Takes notice of a success; true if the outage has ended with it.</summary>
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
