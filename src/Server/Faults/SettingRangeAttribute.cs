using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace TaskGrpc.Server.Faults;

/// <summary>
/// The range of a setting. Its message names the setting's key, so that an operator can find it. A setting without a value is valid. Not
/// a <see cref="RangeAttribute"/>, because generated validators lose its message (dotnet/runtime#123137).
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
        // A setting without a value takes its default from another setting.
        return setting is null || (_least.CompareTo(setting) <= 0 && _most.CompareTo(setting) >= 0);
    }
}
