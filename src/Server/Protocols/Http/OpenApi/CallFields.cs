using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Protocols.Http.Requests;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>Where each field of a call's request stands: in the path, in the body or in the query.</summary>
internal sealed partial class CallFields
{
    private readonly HashSet<string> _taken;

    public CallFields(ServedCall served, HttpRoute route)
    {
        Route = route;
        Request = served.NewRequest();
        var names = Placeholder().Matches(route.Path).Select(match => match.Groups[1].Value.Split('.')).ToList();
        InPath = [.. names.Select(name => Find(Request.Descriptor, name))];
        Body = route.Body is "" or HttpRoute.Whole ? null : Request.Descriptor.FindFieldByName(route.Body);
        _taken = [.. names.Select(name => name[0]), route.Body];
        InQuery = route.Body == HttpRoute.Whole ? [] : [.. Leaves(Request.Descriptor, []).Where(path => !_taken.Contains(path[0].Name))];
    }

    public HttpRoute Route { get; }

    /// <summary>An empty request, for the interfaces of its type.</summary>
    public IMessage Request { get; }

    /// <summary>The fields of the path, in its order.</summary>
    public IReadOnlyList<FieldDescriptor> InPath { get; }

    /// <summary>The field that the body holds; null if the body is the whole request, or if there is none.</summary>
    public FieldDescriptor? Body { get; }

    /// <summary>The parameters: for each, the fields that lead to its value.</summary>
    public IReadOnlyList<FieldDescriptor[]> InQuery { get; }

    /// <summary>The path as OpenAPI names its parameters: <c>/tasks/{taskId}</c>, <c>/agent-tasks/{id}</c>.</summary>
    public string Template =>
        Placeholder().Replace(Route.Path, match => $"{{{Find(Request.Descriptor, match.Groups[1].Value.Split('.')).JsonName}}}");

    /// <summary>The fields of a body that is the whole request.</summary>
    public IEnumerable<FieldDescriptor> InBody =>
        Request.Descriptor.Fields.InFieldNumberOrder().Where(part => !_taken.Contains(part.Name));

    private static FieldDescriptor Find(MessageDescriptor message, string[] path) =>
        path[..^1].Aggregate(message, (outer, part) => outer.FindFieldByName(part).MessageType).FindFieldByName(path[^1]);

    private static IEnumerable<FieldDescriptor[]> Leaves(MessageDescriptor message, FieldDescriptor[] outer) =>
        message.Fields.InFieldNumberOrder().SelectMany(field =>
            field.FieldType != FieldType.Message || QueryFields.IsText(field.MessageType) ? [[.. outer, field]]
            : field.IsRepeated || JsonFields.IsWellKnown(field.MessageType) || outer.Any(above => above.MessageType == field.MessageType)
                ? [] : Leaves(field.MessageType, [.. outer, field]));

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Placeholder();
}
