using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Hosting;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>A setting that the server reads: a property of an options type.</summary>
/// <param name="Key">The key as an operator writes it.</param>
/// <param name="Property">The property that the key is bound to.</param>
/// <param name="Default">The value of a new options object; null if it has none.</param>
internal sealed record Setting(string Key, PropertyInfo Property, object? Default)
{
    /// <summary>The sections that the server binds, by name.</summary>
    public static IReadOnlyList<(string Section, Type Options)> Sections { get; } = BoundSections();

    /// <summary>The settings of all sections.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Sections.SelectMany(section => Of(section.Section, section.Options))];

    /// <summary>The property's type without its Nullable.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public bool IsBytes => Property.Name.EndsWith("Bytes", StringComparison.Ordinal);

    /// <summary>Whether the default is null; the setting's comment says what happens then.</summary>
    public bool IsOpen => Default is null or "" or ICollection { Count: 0 };

    public bool IsRequired => IsOpen && Property.IsDefined(typeof(RequiredAttribute));

    /// <summary>The type of a list's items; null if the setting is not a list.</summary>
    public Type? Item => Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IList<>) ? Type.GenericTypeArguments[0] : null;

    /// <summary>The smallest and the largest value that the server accepts; null if every value is valid.</summary>
    public (object Least, object Most)? Range => RangeArguments is [_, { } least, { } most] ? (Parsed(least), Parsed(most)) : null;

    /// <summary>The key in the refusal of a value out of range; null without a range.</summary>
    public string? RangeKey => (string?)RangeArguments?[0];

    /// <summary>The values that the server accepts; empty if every value is valid.</summary>
    public IReadOnlyList<object?> Allowed => Property.GetCustomAttribute<AllowedValuesAttribute>()?.Values ?? [];

    private object?[]? RangeArguments => Property.GetCustomAttributesData()
        .SingleOrDefault(attribute => attribute.AttributeType == typeof(SettingRangeAttribute))
        ?.ConstructorArguments.Select(argument => argument.Value).ToArray();

    public static IEnumerable<Setting> Of(string path, Type options)
    {
        var fresh = Activator.CreateInstance(options);
        foreach (var property in options.GetProperties().Where(property => IsBound(property)))
        {
            var setting = new Setting($"{path}:{property.Name}", property, property.GetValue(fresh));
            yield return setting;
            foreach (var below in setting.Item is { } item && item.Assembly == options.Assembly ? Of($"{setting.Key}:0", item) : [])
            {
                yield return below;
            }
        }
    }

    /// <summary>A list without a setter is bound by adding to it; any other property without a setter is computed.</summary>
    private static bool IsBound(PropertyInfo property) =>
        !property.GetMethod!.IsStatic && (property.CanWrite || property.PropertyType != typeof(string));

    private static object Parsed(object bound) =>
        bound is string text ? TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : bound;

    private static List<(string, Type)> BoundSections()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddTaskGrpc();
        var bound =
            from service in builder.Services
            where service.ServiceType.IsConstructedGenericType
                && service.ServiceType.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>)
            let options = service.ServiceType.GenericTypeArguments[0]
            where options.Assembly == typeof(KnownSettings).Assembly
            let section = (string)options.GetField("Section")!.GetRawConstantValue()!
            orderby section
            select (section, options);
        return [.. bound];
    }
}
