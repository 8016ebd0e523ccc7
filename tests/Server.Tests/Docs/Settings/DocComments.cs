using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TaskGrpc.Server.Hosting;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>The server's doc comments, from the XML file that the compiler writes beside the assembly.</summary>
internal static partial class DocComments
{
    private static readonly Dictionary<string, XElement> Summaries = XDocument
        .Load(Path.ChangeExtension(typeof(KnownSettings).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    /// <summary>A type's summary as Markdown in one line; null if it has none.</summary>
    public static string? Of(Type type) => TextOf($"T:{type.FullName}");

    /// <summary>A property's summary as Markdown in one line; null if it has none.</summary>
    public static string? Of(PropertyInfo property) => TextOf($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static string? TextOf(string id) => Summaries.GetValueOrDefault(id) is { } summary
        ? Space().Replace(string.Concat(summary.Nodes().Select(Markdown)), " ").Trim()
        : null;

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } reference => Named(reference.Attribute("cref")!.Value),
        _ => throw new InvalidOperationException($"A setting's comment has {node}, which the page cannot show."),
    };

    /// <summary>A setting becomes its key, and a constant its value: readers of the page do not see the code.</summary>
    private static string Named(string reference)
    {
        var (type, member) = (reference[2..reference.LastIndexOf('.')], reference[(reference.LastIndexOf('.') + 1)..]);
        var setting = Setting.All.FirstOrDefault(known => known.Property.Name == member && known.Property.DeclaringType!.FullName == type);
        return setting is not null
            ? $"`{setting.Key}`"
            : SettingText.InWords(typeof(KnownSettings).Assembly.GetType(type)!.GetField(member)!.GetRawConstantValue()!, isBytes: false);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
