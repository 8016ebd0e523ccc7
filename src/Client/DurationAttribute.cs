using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>
/// A time between a minimum and a maximum, or <see cref="Timeout.InfiniteTimeSpan"/> unless it must be finite. Null passes.
/// </summary>
/// <param name="leastMilliseconds">The minimum.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(int leastMilliseconds) : ValidationAttribute
{
    /// <summary>The longest time of a timer, in whole days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public int LeastMilliseconds => leastMilliseconds;

    public bool IsFinite { get; set; }

    /// <summary>The maximum; 0 for <see cref="Longest"/>.</summary>
    public int MostMilliseconds { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not TimeSpan time || (time == Timeout.InfiniteTimeSpan && !IsFinite))
        {
            return ValidationResult.Success;
        }

        var most = MostMilliseconds == 0 ? Longest : TimeSpan.FromMilliseconds(MostMilliseconds);
        var least = TimeSpan.FromMilliseconds(leastMilliseconds);
        var (name, infinite) = (validationContext.DisplayName, IsFinite ? "" : ", or Timeout.InfiniteTimeSpan for no limit");
        return time >= least && time <= most
            ? ValidationResult.Success
            : new ValidationResult($"{name} is {time}. It must be between {Text(least)} and {Text(most)}{infinite}.");
    }

    private static string Text(TimeSpan time) =>
        time > TimeSpan.FromDays(1) ? $"{time.Days} days"
        : time >= TimeSpan.FromHours(1) ? $"{time.TotalHours} h"
        : time >= TimeSpan.FromSeconds(1) ? $"{time.TotalSeconds} s"
        : $"{time.TotalMilliseconds} ms";
}
