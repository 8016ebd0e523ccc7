using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>Serves the contract as a document. It says nothing about data, so it needs no identity.</summary>
internal static class OpenApiEndpoint
{
    public const string Path = "/openapi.json";

    /// <summary>Answers with the document. It is written at the first request, so that a start does not wait for it.</summary>
    public static RequestDelegate Answer(CallTable table)
    {
        var written = new Lazy<(byte[] Json, EntityTagHeaderValue Tag)>(() =>
        {
            var json = ContractDocument.Write(table);
            // Weak: the answer may be compressed.
            return (json, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json)[..8])}\"", isWeak: true));
        });
        return context => Results.Bytes(written.Value.Json, JsonAnswers.ContentType, entityTag: written.Value.Tag).ExecuteAsync(context);
    }
}
