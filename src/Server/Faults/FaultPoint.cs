using System.Diagnostics;

namespace TaskGrpc.Server.Faults;

/// <summary>
/// Places at which a fault test can kill the process, like a power cut. Only Debug builds have the calls. The environment variable
/// TASKGRPC_FAULT_POINT names the place and, after a colon, how often the process passes it before it dies.
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

    private static int s_left = Chosen.Length > 1 ? int.Parse(Chosen[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
#endif

    [Conditional("FAULT_POINTS")]
    public static void Pass(string place)
    {
#if FAULT_POINTS
        if (Chosen[0] == place && Interlocked.Decrement(ref s_left) < 0)
        {
            // SIGKILL: no finalizer, no flush, no answer.
            Process.GetCurrentProcess().Kill();
            Thread.CurrentThread.Join();
        }
#endif
    }
}
