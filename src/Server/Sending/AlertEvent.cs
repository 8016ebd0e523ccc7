using System.Net.Mime;
using System.Text.Json;
using CloudNative.CloudEvents.SystemTextJson;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Sending;

/// <summary>Encodes an alert as a CloudEvent in structured JSON form.</summary>
internal static class AlertEvent
{
    private static readonly JsonEventFormatter Formatter = new(
        new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
        new JsonDocumentOptions { MaxDepth = 128 });

    public static (ReadOnlyMemory<byte> Body, ContentType ContentType) Encode(Struct payload)
    {
        using var json = JsonDocument.Parse(JsonText.Of(payload)!, new JsonDocumentOptions { MaxDepth = 128 });
        var alert = Formatter.ConvertFromJsonElement(json.RootElement, extensionAttributes: null);
        var body = Formatter.EncodeStructuredModeMessage(alert, out var contentType);
        return (body, contentType);
    }
}
