using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Primitives;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>Reads query parameters into a request: every field that neither the path nor the body holds, nested ones with dots.</summary>
internal static class QueryFields
{
    /// <param name="query">The parameters.</param>
    /// <param name="request">The request.</param>
    /// <param name="taken">The first names of the fields that the path or the body holds.</param>
    /// <param name="violations">Receives what is wrong.</param>
    public static void Apply(IQueryCollection query, IMessage request, IReadOnlySet<string> taken, Violations violations)
    {
        var seen = new HashSet<string>();
        foreach (var (name, values) in query)
        {
            if (PathOf(request.Descriptor, name) is not { } path || taken.Contains(path[0].Name))
            {
                violations.Add(Clip.Of(name, JsonFields.LongestName), $"is not a parameter of {request.Descriptor.Name}");
                continue;
            }

            var at = string.Join('.', path.Select(field => field.Name));
            if (!seen.Add(at) || (!path[^1].IsRepeated && values.Count > 1))
            {
                violations.Add(at, "is there more than once; send it once");
            }
            else if (JsonFields.Parse(Json(path, values), request.Descriptor, "", violations) is { } part)
            {
                request.MergeFrom(part.ToByteArray());
            }
        }
    }

    /// <summary>The fields that a parameter names; null if there are none.</summary>
    private static FieldDescriptor[]? PathOf(MessageDescriptor message, string name)
    {
        var path = new List<FieldDescriptor>();
        foreach (var part in name.Split('.'))
        {
            if (path is [.., var outer]
                && (outer.FieldType != FieldType.Message || outer.IsRepeated || JsonFields.IsWellKnown(outer.MessageType)))
            {
                return null;
            }

            if (JsonFields.Find(path is [.., var last] ? last.MessageType : message, part) is not { } field)
            {
                return null;
            }

            path.Add(field);
        }

        // Structured data has no form in a query.
        return path[^1] is { FieldType: FieldType.Message } leaf && !IsText(leaf.MessageType) ? null : [.. path];
    }

    /// <summary>Whether JSON writes the message as a text, so that it fits into a query.</summary>
    public static bool IsText(MessageDescriptor message) =>
        message == Timestamp.Descriptor || message == Duration.Descriptor || message == FieldMask.Descriptor;

    /// <summary>The parameter as JSON of the request.</summary>
    private static JsonElement Json(FieldDescriptor[] path, StringValues values)
    {
        JsonNode? node = path[^1].IsRepeated
            ? new JsonArray([.. values.Select(value => Leaf(path[^1], value ?? ""))]) : Leaf(path[^1], values.ToString());
        foreach (var field in path.Reverse())
        {
            node = new JsonObject { [field.JsonName] = node };
        }

        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>JSON takes every value also as text, except flags and the numbers of enums.</summary>
    private static JsonValue? Leaf(FieldDescriptor field, string text) => field.FieldType switch
    {
        FieldType.Bool when bool.TryParse(text, out var flag) => JsonValue.Create(flag),
        FieldType.Enum when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
