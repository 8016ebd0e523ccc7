using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Where the next page begins, bound to the request that it continues.</summary>
/// <param name="Binding">A hash over the request's parameters and the organization.</param>
/// <param name="Revision">The revision of the first page's moment.</param>
/// <param name="ResumeToken">The resume token of the first page's moment.</param>
/// <param name="Keys">The sort fields of the last row that was returned, then its id.</param>
internal sealed record PageToken(string Binding, long Revision, string ResumeToken, JsonElement[] Keys)
{
    public static string Bind(params IEnumerable<string> parameters)
    {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        var text = string.Concat(parameters.Select(parameter => $"{parameter.Length}:{parameter}"));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));
    }

    public static Fault Invalid() =>
        new(ErrorReason.InvalidPageToken, "The page token is none of this server's, or belongs to another request. List from the first page, or repeat the parameters with which the token was made.")
        {
            Violations = [new FieldViolation("page_token", "is none of this server's, or belongs to another request")],
        };
}
