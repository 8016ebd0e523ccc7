using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TaskGrpc.TestKit.Json;

/// <summary>Writes a request of the contract as an HTTP request, as any REST client would.</summary>
public static partial class JsonRequest
{
    private static readonly JsonFormatter Formatter = JsonFormatter.Default;
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 1000 };

    public static HttpRequestMessage Of(string call, IMessage request, CallOptions options)
    {
        var rule = JsonRoutes.Of(call);
        var (verb, template) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => (HttpMethod.Get, rule.Get),
            HttpRule.PatternOneofCase.Post => (HttpMethod.Post, rule.Post),
            HttpRule.PatternOneofCase.Patch => (HttpMethod.Patch, rule.Patch),
            _ => (HttpMethod.Delete, rule.Delete),
        };
        var fields = JsonNode.Parse(Text(request), documentOptions: new JsonDocumentOptions { MaxDepth = 1000 })!.AsObject();
        var path = Parameter().Replace(template, match => Uri.EscapeDataString(Take(fields, match.Groups[1].Value.Split('.'))));
        var body = rule.Body switch
        {
            "" => null,
            "*" => fields,
            var field => (JsonObject?)Remove(fields, request.Descriptor.FindFieldByName(field).JsonName) ?? [],
        };
        var query = rule.Body == "*" ? "" : Query(fields);
        var message = new HttpRequestMessage(verb, new Uri(path + query, UriKind.Relative));
        if (body is not null)
        {
            message.Content = new StringContent(body.ToJsonString(Deep), Encoding.UTF8, "application/json");
        }

        foreach (var entry in options.Headers ?? [])
        {
            message.Headers.TryAddWithoutValidation(entry.Key, entry.Value);
        }

        if (options.Deadline is { } deadline)
        {
            var left = Math.Max(0.001, (deadline - TimeProvider.System.GetUtcNow().UtcDateTime).TotalSeconds);
            message.Headers.Add("X-Request-Timeout", left.ToString("0.000", CultureInfo.InvariantCulture));
        }

        return message;
    }

    /// <summary>The request as JSON. The formatter refuses paths of masks that are no fields, which tests send too.</summary>
    private static string Text(IMessage request)
    {
        var field = request.Descriptor.FindFieldByName("update_mask");
        if (field?.Accessor.GetValue(request) is not FieldMask { Paths: { Count: > 0 } paths })
        {
            return Formatter.Format(request);
        }

        var rest = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        field.Accessor.Clear(rest);
        var json = JsonNode.Parse(Formatter.Format(rest))!.AsObject();
        json[field.JsonName] = string.Join(',', paths);
        return json.ToJsonString();
    }

    private static string Take(JsonObject fields, string[] path)
    {
        var name = JsonName(path[0]);
        return path.Length > 1
            ? Take((JsonObject)(fields[name] ?? throw NotExpressible()), path[1..])
            : Remove(fields, name)?.GetValue<string>() is { Length: > 0 } id && id is not ("." or "..") ? id : throw NotExpressible();
    }

    private static JsonNode? Remove(JsonObject fields, string name)
    {
        var value = fields[name];
        fields.Remove(name);
        return value;
    }

    /// <summary>The remaining fields as query parameters, nested ones with dots.</summary>
    private static string Query(JsonObject fields)
    {
        var pairs = new List<string>();
        Collect(fields, "", pairs);
        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    private static void Collect(JsonObject fields, string parent, List<string> pairs)
    {
        foreach (var (name, value) in fields)
        {
            if (value is JsonObject inner)
            {
                Collect(inner, $"{parent}{name}.", pairs);
                continue;
            }

            foreach (var item in value as IEnumerable<JsonNode?> ?? [value])
            {
                var text = item!.GetValueKind() == JsonValueKind.String ? item.GetValue<string>() : item.ToJsonString();
                pairs.Add($"{parent}{name}={Uri.EscapeDataString(text)}");
            }
        }
    }

    private static string JsonName(string field) => Word().Replace(field, match => match.Groups[1].Value.ToUpperInvariant());

    /// <summary>An empty id has no path.</summary>
    private static NotExpressibleException NotExpressible() => new("This request has no form over HTTP.");

    [GeneratedRegex(@"\{([\w.]+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("_([a-z])")]
    private static partial Regex Word();
}
