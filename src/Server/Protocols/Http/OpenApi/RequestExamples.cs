using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The examples of bodies in examples.json, by the name of the call. A test sends each of them to a server.</summary>
internal sealed class RequestExamples
{
    private const string Resource = "examples.json";

    private readonly JsonObject _calls = Read();

    /// <summary>The examples of a call; null for none.</summary>
    public IDictionary<string, IOpenApiExample>? Of(string call) =>
        _calls[call]?.AsObject().ToDictionary(example => example.Key, example => (IOpenApiExample)new OpenApiExample
        {
            Summary = (string)example.Value!["summary"]!,
            Value = example.Value["value"]!.DeepClone(),
        });

    private static JsonObject Read()
    {
        using var stream = typeof(RequestExamples).Assembly.GetManifestResourceStream(Resource)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
