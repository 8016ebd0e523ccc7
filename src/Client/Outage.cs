using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>
/// Whether watches of a client are without a connection, so that an outage is one warning and not one for each watch and each try. It
/// begins with the first watch that is cut, and ends when all watches stand again.
/// </summary>
internal sealed class Outage(Uri address, ILogger logger, TimeProvider time)
{
    /// <summary>A cut so soon after an outage counts as more of it: a server that falls every second is one line in ten.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private int _down;
    private bool _isTold;
    private long _began;
    private long? _ended;

    /// <summary>A watch was cut, or has failed to connect again.</summary>
    /// <param name="cut">Why.</param>
    /// <param name="isFirst">Whether the watch stood before, or has just begun.</param>
    public void Cut(TaskGrpcException cut, bool isFirst)
    {
        lock (_gate)
        {
            if (isFirst && _down++ == 0)
            {
                _began = time.GetTimestamp();
            }

            if (_isTold || (_ended is { } ended && time.GetElapsedTime(ended) < Quiet))
            {
                return;
            }

            _isTold = true;
        }

        logger.OutageBegan(address, cut.Message);
    }

    /// <summary>A watch that was cut stands again, or is given up.</summary>
    public void Over()
    {
        TimeSpan elapsed;
        lock (_gate)
        {
            if (--_down > 0)
            {
                return;
            }

            _ended = time.GetTimestamp();
            elapsed = time.GetElapsedTime(_began);
            if (!_isTold)
            {
                return;
            }

            _isTold = false;
        }

        logger.OutageEnded(address, elapsed);
    }
}
