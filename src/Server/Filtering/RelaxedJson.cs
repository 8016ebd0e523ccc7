using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskGrpc.Server.Filtering;

/// <summary>JSON with as few escapes as possible, so that a key in the data and the same key in a path are the same text.</summary>
internal static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
