using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.V1;
using ErrorDetailsReflection = Google.Rpc.ErrorDetailsReflection;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>Writes messages as canonical proto3 JSON: camelCase, full enum names, int64 as text, details of errors expanded.</summary>
internal static class JsonAnswers
{
    public const string ContentType = "application/json";

    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithTypeRegistry(TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor)));

    public static string Of(IMessage message) => Formatter.Format(message);

    public static Task WriteAsync(HttpResponse response, IMessage answer)
    {
        if (answer is IResource { Etag.Length: > 0 } resource)
        {
            response.Headers.ETag = $"\"{resource.Etag}\"";
        }

        response.Headers.CacheControl = "no-store";
        response.ContentType = ContentType;
        var text = Of(answer);
        response.ContentLength = Encoding.UTF8.GetByteCount(text);
        return response.WriteAsync(text, response.HttpContext.RequestAborted);
    }
}
