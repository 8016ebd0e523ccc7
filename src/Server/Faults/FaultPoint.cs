using System.Diagnostics;
using System.Globalization;

namespace TaskGrpc.Server.Faults;

/// <summary>
/// Places at which a fault test may have the process die, as a power cut would. The calls are compiled into Debug builds only; the
/// environment variable TASKGRPC_FAULT_POINT names the place of death and, after a colon, how often it is passed before it strikes.
/// </summary>
internal static class FaultPoint
{
    public const string BeforeCommit = "before-commit";
    public const string AfterCommit = "after-commit-before-answer";
    public const string AfterAnswer = "after-answer-before-publish";
    public const string InCompaction = "in-compaction";
    public const string AfterSend = "after-send-before-report";

#if FAULT_POINTS
    private static readonly string[] Chosen = (Environment.GetEnvironmentVariable("TASKGRPC_FAULT_POINT") ?? "").Split(':');

    private static int s_left = Chosen.Length > 1 ? int.Parse(Chosen[1], CultureInfo.InvariantCulture) : 0;
#endif

    [Conditional("FAULT_POINTS")]
    public static void Pass(string place)
    {
#if FAULT_POINTS
        if (Chosen[0] == place && Interlocked.Decrement(ref s_left) < 0)
        {
            // SIGKILL to itself: no finalizer, no flush, no answer on its way out.
            Process.GetCurrentProcess().Kill();
            Thread.CurrentThread.Join();
        }
#endif
    }
}
