using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>
/// Reads JSON into a message. First it writes the JSON in the parser's own spelling, and reports what the message does not have; the
/// parser alone stops at the first error and does not say where it is.
/// </summary>
internal static class JsonFields
{
    /// <summary>The most characters of a sent name in a violation, so that the advice after it is not cut off.</summary>
    public const int LongestName = 120;

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    /// <summary>The field with a name in either spelling; null if the message has none.</summary>
    public static FieldDescriptor? Find(MessageDescriptor message, string name) =>
        message.FindFieldByName(name) ?? message.Fields.InFieldNumberOrder().FirstOrDefault(field => field.JsonName == name);

    /// <summary>Whether a message is written in a form of its own, such as a timestamp's text.</summary>
    public static bool IsWellKnown(MessageDescriptor message) => message.File.Package == Timestamp.Descriptor.File.Package;

    /// <summary>Whether the value of a field is a message whose fields are named one by one.</summary>
    public static bool HasFields(FieldDescriptor field) =>
        field is { FieldType: FieldType.Message, IsMap: false } && !IsWellKnown(field.MessageType);

    /// <summary>What a violation of a whole message names.</summary>
    /// <param name="path">The path of the message in the request, with a dot at its end; empty for the request itself.</param>
    public static string WholeOf(string path) => path.Length > 0 ? path[..^1] : "body";

    /// <summary>Parses JSON for a message; null, with the violations, if that is not possible.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="message">The message's type.</param>
    /// <param name="path">The path of the message in the request, with a dot at its end; empty for the request itself.</param>
    /// <param name="violations">Receives what is wrong.</param>
    public static IMessage? Parse(JsonElement json, MessageDescriptor message, string path, Violations violations)
    {
        var found = new Violations();
        var text = new ArrayBufferWriter<byte>();
        IMessage? parsed = null;
        try
        {
            using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { MaxDepth = JsonRequests.MostLevels }))
            {
                Write(json, message, path, writer, found);
            }

            parsed = TryParse(Encoding.UTF8.GetString(text.WrittenSpan), message);
            if (parsed is null)
            {
                using var document = JsonDocument.Parse(text.WrittenMemory, JsonRequests.Strict);
                JsonFlaws.Find(document.RootElement, message, path, found);
            }
        }
        catch (InvalidOperationException)
        {
            // What the JSON reader throws for escapes and bytes that are not Unicode.
            found.Add(WholeOf(path), "has text that is not valid Unicode");
        }

        foreach (var violation in found.Refusal?.Violations ?? [])
        {
            violations.Add(violation.Field, violation.Description);
        }

        return found.Any ? null : parsed;
    }

    /// <summary>Parses JSON; null if it is not a message of the type.</summary>
    public static IMessage? TryParse(string json, MessageDescriptor message)
    {
        try
        {
            return Parser.Parse(json, message);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException
            or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static void Write(JsonElement json, MessageDescriptor message, string path, Utf8JsonWriter writer, Violations violations)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            json.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        var seen = new HashSet<int>();
        foreach (var property in json.EnumerateObject())
        {
            if (Find(message, property.Name) is not { } field)
            {
                violations.Add(path + Clip.Of(property.Name, LongestName), $"is not a field of {message.Name}");
            }
            else if (!seen.Add(field.FieldNumber))
            {
                violations.Add(path + field.Name, "is there twice; send it once");
            }
            else
            {
                writer.WritePropertyName(field.JsonName);
                WriteField(property.Value, field, path, writer, violations);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteField(JsonElement value, FieldDescriptor field, string path, Utf8JsonWriter writer, Violations violations)
    {
        if (!field.IsRepeated || field.IsMap || value.ValueKind != JsonValueKind.Array)
        {
            WriteValue(value, field, path + field.Name, writer, violations);
            return;
        }

        writer.WriteStartArray();
        var place = 0;
        foreach (var element in value.EnumerateArray())
        {
            WriteValue(element, field, $"{path}{field.Name}[{place++}]", writer, violations);
        }

        writer.WriteEndArray();
    }

    private static void WriteValue(JsonElement value, FieldDescriptor field, string path, Utf8JsonWriter writer, Violations violations)
    {
        if (HasFields(field))
        {
            Write(value, field.MessageType, path + ".", writer, violations);
        }
        else if (value.ValueKind == JsonValueKind.String && field.FieldType == FieldType.Enum)
        {
            WriteEnum(value.GetString()!, field.EnumType, path, writer, violations);
        }
        else if (value.ValueKind == JsonValueKind.String
            && field.FieldType == FieldType.Message && field.MessageType == FieldMask.Descriptor)
        {
            WriteMask(value.GetString()!, path, writer, violations);
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static void WriteEnum(string text, EnumDescriptor type, string path, Utf8JsonWriter writer, Violations violations)
    {
        if (JsonEnums.Find(type, text) is { } value)
        {
            writer.WriteStringValue(value.Name);
        }
        else
        {
            violations.Add(path, $"must be one of {JsonEnums.Names(type)}");
            writer.WriteNumberValue(0);
        }
    }

    /// <summary>The fields of a mask may have either spelling; the parser takes only the one of JSON.</summary>
    private static void WriteMask(string text, string path, Utf8JsonWriter writer, Violations violations)
    {
        var fields = text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (fields.FirstOrDefault(field => char.IsAsciiLetterUpper(field[0])) is { } unknown)
        {
            // The parser would read it in lower case.
            violations.Add(path, $"'{Clip.Of(unknown, LongestName)}' is not a field; write names such as dueAt or due_at");
        }

        writer.WriteStringValue(string.Join(',', fields.Select(JsonName)));
    }

    /// <summary>A field of a mask as JSON spells it: due_at becomes dueAt.</summary>
    private static string JsonName(string path)
    {
        var text = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            var isWord = path[i] == '_' && i + 1 < path.Length && char.IsAsciiLetterLower(path[i + 1]);
            text.Append(isWord ? char.ToUpperInvariant(path[++i]) : path[i]);
        }

        return text.ToString();
    }
}
