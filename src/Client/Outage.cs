using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>
/// Logs one warning for an outage, and not one for each watch and each attempt. An outage begins when the first watch of a client is cut,
/// and ends when all its watches are connected again.
/// </summary>
internal sealed class Outage(Uri address, ILogger logger, TimeProvider time)
{
    /// <summary>A cut so soon after an outage belongs to it: a server that crashes every second is one line in ten seconds.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private int _down;
    private bool _isTold;
    private long _began;
    private long? _ended;

    /// <summary>A watch was cut, or has failed to connect again.</summary>
    /// <param name="cut">The cause.</param>
    /// <param name="isFirst">Whether this is the watch's first failure since it was connected or began.</param>
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

    /// <summary>A watch that was cut is connected again, or has ended.</summary>
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
