using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Ledger;

/// <summary>Seals page tokens, so that nobody can make one up or look into one. The keys are the store's: every replica opens what another has sealed.</summary>
internal sealed class PageTokens(IDataProtectionProvider keys)
{
    // Where keys lie is known once the store is open, so they are asked for at the first list.
    private readonly Lazy<IDataProtector> _protector = new(() => keys.CreateProtector("taskgrpc.page-tokens.v1"));

    public string Seal(PageToken token) => Base64Url.EncodeToString(_protector.Value.Protect(JsonSerializer.SerializeToUtf8Bytes(token)));

    /// <exception cref="Fault">INVALID_PAGE_TOKEN: made up, or of another request.</exception>
    public PageToken Open(string text, string binding)
    {
        PageToken? token = null;
        try
        {
            token = JsonSerializer.Deserialize<PageToken>(_protector.Value.Unprotect(Base64Url.DecodeFromChars(text)));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or JsonException)
        {
            // Said below, the same for every way in which a token can be wrong.
        }

        return token is { Keys: not null, ResumeToken: not null } && token.Binding == binding ? token : throw PageToken.Invalid();
    }
}
