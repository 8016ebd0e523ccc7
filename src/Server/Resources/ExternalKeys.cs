using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>The keys that callers give to resources, unique for ever among an organization's resources of a kind.</summary>
internal static class ExternalKeys
{
    private const string Field = "external_key";

    public static void Check(IResource resource, string path, Violations violations)
    {
        if (Of(resource) is { } key && !VisibleText.IsIn(key))
        {
            violations.Add(path + Field, TextCheck.Blank);
        }
    }

    /// <summary>Checks that no two resources of one request have the same key.</summary>
    public static void CheckDistinct<T>(IEnumerable<(T Resource, string Path)> resources, Violations violations)
        where T : IResource
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (resource, path) in resources)
        {
            if (Of(resource) is { } key && !seen.TryAdd(key, path))
            {
                violations.Add(path + Field, $"is the key of {seen[key].TrimEnd('.')} too; give each its own");
            }
        }
    }

    /// <summary>The keys of new resources.</summary>
    public static IReadOnlyList<(Table Table, string Key)> Of<T>(Table table, IReadOnlyList<(T Resource, string Path)> resources)
        where T : IResource =>
            table.IsKeyed ? [.. resources.Select(item => Of(item.Resource)).OfType<string>().Select(key => (table, key))] : [];

    /// <exception cref="Fault">EXTERNAL_KEY_EXISTS: the organization has resources with some of the keys. It names the first, and the
    /// fields of all.</exception>
    public static void RequireNew<T>(UnitOfWork unit, KindDefinition kind, IReadOnlyList<(T Resource, string Path)> resources)
        where T : IResource
    {
        var taken = new List<(string Path, string Key, Guid Existing)>();
        foreach (var (resource, path) in resources)
        {
            if (Of(resource) is { } key && unit.FindKey(kind, key) is { } existing)
            {
                taken.Add((path + Field, key, existing));
            }
        }

        if (taken is [var (_, firstKey, first), ..])
        {
            throw new Fault(
                ErrorReason.ExternalKeyExists,
                $"The {kind.Name} '{first}' has the external key '{Clip.Of(firstKey, 80)}', perhaps deleted. Use that one, or send "
                    + "another key.")
            {
                Resource = (kind.Name, first.ToString()),
                Violations = [.. taken.Select(item => new FieldViolation(item.Path, $"is the key of the {kind.Name} '{item.Existing}'"))],
            }.With("existing_id", first.ToString());
        }
    }

    private static string? Of(IResource resource) => resource is IKeyedResource { HasExternalKey: true } keyed ? keyed.ExternalKey : null;
}
