using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The reasons for which a call can be refused: those of its comment, and those of every call of its form.</summary>
internal sealed partial class CallReasons(ProtoComments comments)
{
    private static readonly ErrorReason[] Always =
    [
        ErrorReason.InvalidField, ErrorReason.TokenMissing, ErrorReason.TokenInvalid, ErrorReason.ScopeMissing, ErrorReason.RateLimited,
        ErrorReason.Overloaded, ErrorReason.Draining, ErrorReason.StorageUnavailable, ErrorReason.Unexpected,
    ];

    private static readonly Dictionary<string, ErrorReason> ByName =
        ErrorReasons.All.ToDictionary(entry => entry.Name, entry => entry.Reason);

    /// <summary>The reasons of a call, in the order of the proto.</summary>
    public IEnumerable<ErrorReasons.Entry> Of(MethodDescriptor method, IMessage request)
    {
        var found = new HashSet<ErrorReason>(Always);
        found.UnionWith(Told(method));
        if (request is IMutation)
        {
            found.UnionWith([ErrorReason.RequestIdReused, ErrorReason.StorageFull]);
        }

        if (request is IFenced)
        {
            found.Add(ErrorReason.LeaseLost);
        }

        if (request is ITransition)
        {
            found.Add(ErrorReason.LeaseRequired);
        }

        return ErrorReasons.All.Where(entry => found.Contains(entry.Reason));
    }

    /// <summary>What the comment lists, and what the comment of a call lists that it refers to: 'as CreateAgentTask'.</summary>
    private IEnumerable<ErrorReason> Told(MethodDescriptor method)
    {
        var errors = comments.Of(method).Split("Errors:").ElementAtOrDefault(1) ?? "";
        var own = Name().Matches(errors).Where(name => ByName.ContainsKey(name.Value)).Select(name => ByName[name.Value]);
        var others = Reference().Matches(errors).Select(name => method.Service.FindMethodByName(name.Groups[1].Value));
        return own.Concat(others.Where(other => other is not null && other != method).SelectMany(Told));
    }

    [GeneratedRegex(@"\b[A-Z][A-Z_]+\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"\bas ([A-Z]\w+)")]
    private static partial Regex Reference();
}
