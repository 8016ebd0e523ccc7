using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace TaskGrpc.Server.Protocols.Http.Page;

/// <summary>A file of the page, embedded in the assembly and read at its first request.</summary>
/// <param name="name">The file's name in this folder.</param>
/// <param name="contentType">Its type, without the charset.</param>
internal sealed class PageFile(string name, string contentType)
{
    /// <summary>
    /// Only this server's own files and calls, no script in the page itself, and no text that becomes markup: titles of tasks come from
    /// anywhere.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; "
        + "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private readonly Lazy<(byte[] Bytes, EntityTagHeaderValue Tag)> _content = new(() => Read(name));

    public Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // The browser keeps the file and asks each time whether it is still the same, so that it shows the page of a new release at once.
        headers.CacheControl = "no-cache";
        var (bytes, tag) = _content.Value;
        return TypedResults.Bytes(bytes, $"{contentType}; charset=utf-8", entityTag: tag).ExecuteAsync(context);
    }

    private static (byte[] Bytes, EntityTagHeaderValue Tag) Read(string name)
    {
        using var file = typeof(PageFile).Assembly.GetManifestResourceStream(typeof(PageFile), name)
            ?? throw new InvalidOperationException($"The assembly lacks the embedded file {name}.");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\""));
    }
}
