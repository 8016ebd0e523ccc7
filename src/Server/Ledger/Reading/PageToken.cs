using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Where the next page begins, bound to the request that it continues.</summary>
/// <param name="Binding">A hash over the request's parameters and the organization.</param>
/// <param name="Revision">The revision of the first page.</param>
/// <param name="ResumeToken">The resume token of the first page.</param>
/// <param name="Keys">The sort fields of the page's last row, then its id.</param>
internal sealed record PageToken(string Binding, long Revision, string ResumeToken, JsonElement[] Keys)
{
    public static string Bind(params IEnumerable<string> parameters)
    {
        // Lengths distinguish ("ab", "c") from ("a", "bc").
        var text = string.Concat(parameters.Select(parameter => $"{parameter.Length}:{parameter}"));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));
    }

    public static Fault Invalid() =>
        new(
            ErrorReason.InvalidPageToken,
            "This server did not issue that page token, or issued it for another request. "
            + "List from the first page, or repeat the parameters of the request that returned the token.")
        {
            Violations = [new FieldViolation("page_token", "was not issued by this server, or belongs to another request")],
        };
}
