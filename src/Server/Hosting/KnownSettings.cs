using System.Reflection;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Refuses settings that nothing would read. What can be set follows from the types that the options are bound to. Sections of the
/// framework are left alone.
/// </summary>
internal sealed class KnownSettings(IReadOnlyList<(string Section, Type Options)> sections)
{
    private const string ConnectionStrings = "ConnectionStrings";
    private const string Tasks = "Tasks";

    /// <summary>The sections that the operator's commands read.</summary>
    public static KnownSettings OfCommands { get; } = new([(StorageOptions.Section, typeof(StorageOptions))]);

    /// <summary>The sections that the server reads: every type of ours to which a section is bound, named by its constant 'Section'.</summary>
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
                CheckStranger(section);
            }
        }
    }

    /// <param name="section">What is set.</param>
    /// <param name="type">What can be set.</param>
    /// <param name="path">The section's path as it is to be written.</param>
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
            throw new RefusedToStartException($"There is no setting '{below.Path}': {path} is one value.");
        }
    }

    /// <summary>A section that another program reads may have a name like one of ours, but hardly a setting of it too.</summary>
    private void CheckStranger(IConfigurationSection section)
    {
        if (NearestName.Of(section.Key, sections.Select(candidate => candidate.Section)) is { } near
            && sections.First(candidate => candidate.Section == near).Options is var options
            && section.GetChildren().FirstOrDefault(key => Property(options, key.Key) is not null) is { } misspelt)
        {
            throw Misspelt(misspelt, $"{section.Path[..^section.Key.Length]}{near}:{misspelt.Key}");
        }
    }

    /// <summary>Others may stand there for other programs, unless one is near to ours and ours is missing.</summary>
    private static void CheckConnectionStrings(IConfigurationSection section)
    {
        if (section[Tasks] is null
            && section.GetChildren().FirstOrDefault(key => NearestName.Of(key.Key, [Tasks]) is not null) is { } misspelt)
        {
            throw Misspelt(misspelt, $"{section.Path}:{Tasks}");
        }
    }

    /// <summary>What can be set: what an instance lets be written, and its lists.</summary>
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

    private static RefusedToStartException Misspelt(IConfigurationSection key, string meant) => new($"There is no setting '{key.Path}'. Did you mean '{meant}'?");
}
