using System.Reflection;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Refuses unknown settings in our sections. The options types define the known ones. It does not check the framework's sections.
/// </summary>
internal sealed class KnownSettings(IReadOnlyList<(string Section, Type Options)> sections)
{
    private const string ConnectionStrings = "ConnectionStrings";
    private const string Tasks = "Tasks";

    /// <summary>The sections that the operator commands read.</summary>
    public static KnownSettings OfCommands { get; } = new([(StorageOptions.Section, typeof(StorageOptions))]);

    /// <summary>The sections that the server reads: all bound options types of ours, named by their constants 'Section'.</summary>
    public static KnownSettings Of(IServiceCollection services) => new(
    [
        .. from service in services
           where service.ServiceType.IsConstructedGenericType
               && service.ServiceType.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>)
           let options = service.ServiceType.GenericTypeArguments[0]
           where options.Assembly == typeof(KnownSettings).Assembly
           select ((string)options.GetField("Section")!.GetRawConstantValue()!, options),
    ]);

    /// <exception cref="RefusedToStartException">A key of a known section is unknown.</exception>
    public void Check(IConfiguration configuration)
    {
        foreach (var section in configuration.GetChildren())
        {
            var known = sections.FirstOrDefault(candidate => candidate.Section.Equals(section.Key, StringComparison.OrdinalIgnoreCase));
            if (known.Options is { } options)
            {
                CheckKeys(section, options, section.Path[..^section.Key.Length] + known.Section);
            }
            else if (section.Key.Equals(ConnectionStrings, StringComparison.OrdinalIgnoreCase))
            {
                CheckConnectionStrings(section);
            }
            else if (section.Value is null)
            {
                CheckUnknownSection(section);
            }
        }
    }

    /// <param name="section">The section.</param>
    /// <param name="type">The type that defines its settings.</param>
    /// <param name="path">The section's path in its right spelling.</param>
    private static void CheckKeys(IConfigurationSection section, Type type, string path)
    {
        foreach (var key in section.GetChildren())
        {
            var property = Property(type, key.Key) ?? throw Unknown(key, type, path);
            CheckValue(key, property.PropertyType, $"{path}:{property.Name}");
        }
    }

    private static void CheckValue(IConfigurationSection key, Type type, string path)
    {
        if (IsList(type))
        {
            foreach (var item in key.GetChildren())
            {
                CheckValue(item, type.GenericTypeArguments[0], $"{path}:{item.Key}");
            }
        }
        else if (type.Assembly == typeof(KnownSettings).Assembly && !type.IsEnum)
        {
            CheckKeys(key, type, path);
        }
        else if (key.GetChildren().FirstOrDefault() is { } below)
        {
            throw new RefusedToStartException($"There is no setting '{below.Path}'. {path} takes one value.");
        }
    }

    /// <summary>Refuses a section with a name near to ours and one of its settings; other sections may be another program's.</summary>
    private void CheckUnknownSection(IConfigurationSection section)
    {
        if (NearestName.Of(section.Key, sections.Select(candidate => candidate.Section)) is { } near
            && sections.First(candidate => candidate.Section == near).Options is var options
            && section.GetChildren().FirstOrDefault(key => Property(options, key.Key) is not null) is { } misspelt)
        {
            throw Misspelt(misspelt, $"{section.Path[..^section.Key.Length]}{near}:{misspelt.Key}");
        }
    }

    /// <summary>Refuses a name near to ours if ours is missing; other names may be other programs'.</summary>
    private static void CheckConnectionStrings(IConfigurationSection section)
    {
        if (section[Tasks] is null
            && section.GetChildren().FirstOrDefault(key => NearestName.Of(key.Key, [Tasks]) is not null) is { } misspelt)
        {
            throw Misspelt(misspelt, $"{section.Path}:{Tasks}");
        }
    }

    /// <summary>The settings of a type: its writable properties and its lists.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite || IsList(property.PropertyType));

    private static PropertyInfo? Property(Type type, string name) =>
        Properties(type).FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>);

    private static RefusedToStartException Unknown(IConfigurationSection key, Type type, string parent)
    {
        var names = Properties(type).Select(property => property.Name).Order(StringComparer.Ordinal).ToList();
        return NearestName.Of(key.Key, names) is { } near
            ? Misspelt(key, $"{parent}:{near}")
            : new($"There is no setting '{key.Path}'. The settings of {parent} are {string.Join(", ", names)}.");
    }

    private static RefusedToStartException Misspelt(IConfigurationSection key, string meant) =>
        new($"There is no setting '{key.Path}'. Did you mean '{meant}'?");
}
