using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace TaskGrpc.Server.Faults;

/// <summary>
/// The range of a setting, refused by its key, which is what an operator can look for. A setting that is unset has none to keep to. Not
/// <see cref="RangeAttribute"/>: validators that the compiler writes lose its message (dotnet/runtime#123137).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingRangeAttribute : ValidationAttribute
{
    private readonly IComparable _least;
    private readonly IComparable _most;

    public SettingRangeAttribute(string key, long least, long most)
        : base($"{key} must be between {least} and {most}.") => (_least, _most) = (least, most);

    public SettingRangeAttribute(string key, string least, string most)
        : base($"{key} must be between {least} and {most}.") =>
        (_least, _most) = (TimeSpan.Parse(least, CultureInfo.InvariantCulture), TimeSpan.Parse(most, CultureInfo.InvariantCulture));

    public override bool IsValid(object? value)
    {
        var setting = value is int number ? (long)number : value;
        // Absent, where a setting may be: its default follows from others.
        return setting is null || (_least.CompareTo(setting) <= 0 && _most.CompareTo(setting) >= 0);
    }
}
