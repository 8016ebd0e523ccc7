using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>What a worker claims, how much at once, and how it stops.</summary>
public sealed class TaskGrpcWorkerOptions
{
    /// <summary>
    /// Only work that matches before the claim, in the filter language, for example <c>task_type = "refund"</c>. Default: empty, all ready
    /// work of the kind. Not null.
    /// </summary>
    [Required(AllowEmptyStrings = true)]
    public string Filter { get; set; } = "";

    /// <summary>
    /// How many handlers run at the same time. The worker claims no more than it can start. Default: 1, so that work that is not safe to
    /// run side by side stays safe; range 1 to 1,000.
    /// </summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 1;

    /// <summary>
    /// How long a lease lasts without a heartbeat: how soon the work of a dead worker is ready for another. The worker sends a heartbeat
    /// after a third of it, at the latest after 10 s. Default: 60 s; range 5 s to 24 h.
    /// </summary>
    [Duration(5_000, MostMilliseconds = 86_400_000, IsFinite = true)]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The name of this process, for people who look for it; everybody who may read the work sees it. Default: the machine's name and the
    /// process id. 1 to 256 characters.
    /// </summary>
    [Required]
    [StringLength(256)]
    public string Worker { get; set; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>
    /// How long one claim waits at the server while nothing is ready. A longer wait makes fewer calls, not a slower start of the work.
    /// Default: 30 s; range 1 s to 60 s.
    /// </summary>
    [Duration(1_000, MostMilliseconds = 60_000, IsFinite = true)]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a worker that stops waits for its running handlers before it cancels their tokens. Then they have 5 s to return, and the
    /// worker gives back what is left. In an application the host's own shutdown timeout, 30 s by default, ends all of this.
    /// Default: 20 s; range 0 to 24 days, or <see cref="Timeout.InfiniteTimeSpan"/> to wait for all handlers.
    /// </summary>
    [Duration(0)]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Board tasks only, which have no status for a failure: how long a task that its handler failed is not ready for another claim. It
    /// doubles with each claim of the task, up to an hour. Default: 10 s; range 0 to 24 days.
    /// </summary>
    [Duration(0, IsFinite = true)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    internal TaskGrpcWorkerOptions Copy() => (TaskGrpcWorkerOptions)MemberwiseClone();
}
