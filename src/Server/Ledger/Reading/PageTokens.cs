using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Encrypts page tokens, so that callers can neither read nor forge them. The replicas share the store's keys.</summary>
internal sealed class PageTokens(IDataProtectionProvider keys)
{
    private readonly IDataProtector _protector = keys.CreateProtector("taskgrpc.page-tokens.v1");

    public string Seal(PageToken token) => Base64Url.EncodeToString(_protector.Protect(JsonSerializer.SerializeToUtf8Bytes(token)));

    /// <exception cref="Fault">INVALID_PAGE_TOKEN: forged, or of another request.</exception>
    public PageToken Open(string text, string binding)
    {
        PageToken? token = null;
        try
        {
            token = JsonSerializer.Deserialize<PageToken>(_protector.Unprotect(Base64Url.DecodeFromChars(text)));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or JsonException
            && StorageFailures.Of(exception) is null && !StorageFailures.AreKeysUnusable(exception))
        {
            // Every invalid token gets the same refusal below.
        }

        return token is { Keys: not null, ResumeToken: not null } && token.Binding == binding ? token : throw PageToken.Invalid();
    }
}
