using System.Text.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>Finds the fields because of which the parser refuses JSON, by parsing each field alone.</summary>
internal static class JsonFlaws
{
    public static void Find(JsonElement json, MessageDescriptor message, string path, Violations violations)
    {
        var found = false;
        var hasFields = json.ValueKind == JsonValueKind.Object && !JsonFields.IsWellKnown(message);
        foreach (var property in hasFields ? json.EnumerateObject() : default)
        {
            if (JsonFields.TryParse($"{{{JsonSerializer.Serialize(property.Name)}:{property.Value.GetRawText()}}}", message) is null)
            {
                found = true;
                FindIn(property.Value, JsonFields.Find(message, property.Name)!, path, violations);
            }
        }

        if (!found)
        {
            violations.Add(JsonFields.WholeOf(path), $"must be a JSON object with the fields of {message.Name}");
        }
    }

    private static void FindIn(JsonElement value, FieldDescriptor field, string path, Violations violations)
    {
        var (isInside, place) = (false, 0);
        if (JsonFields.HasFields(field))
        {
            var isList = field.IsRepeated && value.ValueKind == JsonValueKind.Array;
            foreach (var element in isList ? [.. value.EnumerateArray()] : new[] { value })
            {
                var at = field.IsRepeated ? $"{path}{field.Name}[{place++}]." : $"{path}{field.Name}.";
                if (element.ValueKind == JsonValueKind.Object && JsonFields.TryParse(element.GetRawText(), field.MessageType) is null)
                {
                    isInside = true;
                    Find(element, field.MessageType, at, violations);
                }
            }
        }

        if (!isInside)
        {
            var most = FieldPolicy.Of(field.ContainingType).First(policy => policy.Field == field).MaxLevels;
            violations.Add(path + field.Name, Depth(value) > most ? $"is nested deeper than {most} levels" : $"must be {Wanted(field)}");
        }
    }

    private static int Depth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(property => Depth(property.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static string Wanted(FieldDescriptor field)
    {
        var one = field.FieldType switch
        {
            FieldType.Enum => $"a name of {field.EnumType.Name}",
            FieldType.String => "a text",
            FieldType.Bool => "true or false",
            FieldType.Bytes => "bytes in base64",
            FieldType.Message when field.MessageType == Timestamp.Descriptor => "a moment such as \"2026-11-29T08:00:00Z\"",
            FieldType.Message when field.MessageType == Duration.Descriptor => "a duration such as \"30s\"",
            FieldType.Message when field.MessageType == FieldMask.Descriptor => "field names with commas, such as \"title,dueAt\"",
            FieldType.Message when field.MessageType == Value.Descriptor => "JSON with numbers that fit into 64 bits",
            FieldType.Message => "a JSON object",
            _ => "a number in its range",
        };
        return field.IsRepeated ? $"a list in which each is {one}" : one;
    }
}
