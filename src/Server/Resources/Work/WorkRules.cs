using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>What the calls of WorkService check beyond the descriptors.</summary>
internal static class WorkRules
{
    private const int MostTasks = 100;
    private const int MostPercent = 100;

    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Checks a claim, and gives it its default number of tasks.</summary>
    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void Check(ClaimNextRequest request, KindWork? kind)
    {
        var violations = Checked(request, kind);
        if (request.MaxTasks is < 0 or > MostTasks)
        {
            violations.Add("max_tasks", $"must be between 1 and {MostTasks}; 0 means 1");
        }

        CheckLease(request.LeaseDuration, violations);
        if (request.Wait is { } wait && TimeCheck.IsSound(wait) && (wait.ToTimeSpan() < TimeSpan.Zero || wait.ToTimeSpan() > LongestWait))
        {
            violations.Add("wait", "must be between 0s and 60s");
        }

        violations.ThrowIfAny();
        request.MaxTasks = Math.Max(request.MaxTasks, 1);
    }

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void Check(HeartbeatRequest request, KindWork? kind)
    {
        var violations = Checked(request, kind);
        CheckLease(request.LeaseDuration, violations);
        if (request.Progress is not null && kind?.HasProgress == false)
        {
            violations.Add("progress", "is allowed only for RESOURCE_KIND_AGENT_TASK; leave it out");
        }

        if (request.Progress is { HasPercent: true, Percent: < 0 or > MostPercent })
        {
            violations.Add("progress.percent", $"must be between 0 and {MostPercent}");
        }

        violations.ThrowIfAny();
    }

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void Check(ReleaseRequest request, KindWork? kind)
    {
        var violations = Checked(request, kind);
        if (request.NotBefore is not null && kind?.HasNotBefore == false)
        {
            violations.Add("not_before", "is not possible for a task execution; leave it out");
        }

        violations.ThrowIfAny();
    }

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void CheckPlain<TRequest>(TRequest request, KindWork? kind)
        where TRequest : IMessage, IWorkRequest => Checked(request, kind).ThrowIfAny();

    private static Violations Checked<TRequest>(TRequest request, KindWork? kind)
        where TRequest : IMessage, IWorkRequest
    {
        var violations = RequestCheck.Of(request);
        if (kind is null && request.Kind != ResourceKind.Unspecified)
        {
            violations.Add("kind", "must be RESOURCE_KIND_AGENT_TASK, RESOURCE_KIND_BOARD_TASK or RESOURCE_KIND_TASK_EXECUTION");
        }

        return violations;
    }

    private static void CheckLease(Duration? duration, Violations violations)
    {
        if (duration is not null && TimeCheck.IsSound(duration)
            && (duration.ToTimeSpan() < ShortestLease || duration.ToTimeSpan() > LongestLease))
        {
            violations.Add("lease_duration", "must be between 5s and 86400s (24 hours)");
        }
    }
}
