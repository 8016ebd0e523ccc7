using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>
/// A time between a minimum and <see cref="Longest"/>, or <see cref="Timeout.InfiniteTimeSpan"/> unless it must be finite. Null passes.
/// </summary>
/// <param name="leastMilliseconds">The minimum.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(int leastMilliseconds) : ValidationAttribute
{
    /// <summary>The longest time of a timer, in whole days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public int LeastMilliseconds => leastMilliseconds;

    public bool IsFinite { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not TimeSpan time || (time == Timeout.InfiniteTimeSpan && !IsFinite))
        {
            return ValidationResult.Success;
        }

        var (name, infinite) = (validationContext.DisplayName, IsFinite ? "" : ", or Timeout.InfiniteTimeSpan for no limit");
        return time >= TimeSpan.FromMilliseconds(leastMilliseconds) && time <= Longest
            ? ValidationResult.Success
            : new ValidationResult($"{name} is {time}. It must be between {leastMilliseconds} ms and {Longest.Days} days{infinite}.");
    }
}
