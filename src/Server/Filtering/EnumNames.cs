using System.Reflection;
using Google.Protobuf.Reflection;

namespace TaskGrpc.Server.Filtering;

/// <summary>An enum's values by name, full (AGENT_TASK_STATUS_QUEUED) and bare (QUEUED).</summary>
internal static class EnumNames<TEnum>
    where TEnum : struct, Enum
{
    private const string Unspecified = "UNSPECIFIED";

    private static readonly Dictionary<string, int> Numbers = [];

    static EnumNames()
    {
        var names = typeof(TEnum).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(field => (int)field.GetValue(null)!, field => field.GetCustomAttribute<OriginalNameAttribute>()!.Name);
        var prefix = names[0][..^Unspecified.Length];
        foreach (var (number, name) in names.Where(entry => entry.Key != 0).OrderBy(entry => entry.Key))
        {
            Numbers[name] = number;
            Numbers[name[prefix.Length..]] = number;
        }

        Bare = [.. names.Where(entry => entry.Key != 0).OrderBy(entry => entry.Key).Select(entry => entry.Value[prefix.Length..])];
    }

    /// <summary>The names without the prefix, in the order of their numbers.</summary>
    public static IReadOnlyList<string> Bare { get; }

    public static bool TryGet(string name, out int number) => Numbers.TryGetValue(name, out number);
}
