using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// The claims of a validated token, read so that they mean the same to every reader: keys compare exactly and occur once, and a claim
/// that is a name is one JSON string. A library that flattens lists would read <c>["a","b"]</c> as organization a.
/// </summary>
internal sealed class TokenClaims
{
    private static readonly JsonDocumentOptions Unambiguous = new() { AllowDuplicateProperties = false };

    private readonly JsonElement _payload;

    /// <exception cref="Fault">TOKEN_INVALID: the header or the payload is ambiguous, or needs an unsupported extension.</exception>
    public TokenClaims(JsonWebToken token)
    {
        var header = ObjectOf(token.EncodedHeader, "header");
        if (header.TryGetProperty("crit", out _))
        {
            throw Invalid("The token's header has 'crit', but this server supports no critical extension. Get a token without it.");
        }

        if (header.TryGetProperty("typ", out var type) && !IsAccessToken(type))
        {
            throw Invalid("The 'typ' in the token's header must be 'JWT', 'at+jwt' or absent. Get an access token.");
        }

        _payload = ObjectOf(token.EncodedPayload, "payload");
        foreach (var moment in (ReadOnlySpan<string>)["exp", "nbf", "iat"])
        {
            if (_payload.TryGetProperty(moment, out var value) && value.ValueKind != JsonValueKind.Number)
            {
                throw Invalid($"The token's claim '{moment}' must be a number of seconds.");
            }
        }
    }

    /// <summary>A claim that is one string; null if the token does not have it.</summary>
    /// <exception cref="Fault">TOKEN_INVALID: the claim has another type.</exception>
    public string? Text(string claim) => _payload.TryGetProperty(claim, out var value) ? TextOf(value, claim, "must be one string") : null;

    /// <summary>A claim that is a string of words, or a list of such strings; empty if the token does not have it.</summary>
    /// <exception cref="Fault">TOKEN_INVALID: the claim has another type.</exception>
    public HashSet<string> Words(string claim)
    {
        const string Rule = "must be a string, or a list of strings";
        IEnumerable<JsonElement> values = !_payload.TryGetProperty(claim, out var value)
            ? [] : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        return values.SelectMany(words => TextOf(words, claim, Rule).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
    }

    public static Fault Invalid(string message) => new(ErrorReason.TokenInvalid, message);

    private static string TextOf(JsonElement value, string claim, string rule)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid($"The token's claim '{claim}' {rule}.");
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate.
            throw Invalid($"The token's claim '{claim}' is not valid Unicode text.");
        }
    }

    /// <summary>
    /// RFC 8725, 3.11: a token that an issuer signs for another purpose, such as a logout token, is not an access token.
    /// </summary>
    private static bool IsAccessToken(JsonElement type)
    {
        const string Prefix = "application/";
        if (type.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var text = type.GetString()!;
        var name = text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : text;
        return name.Equals("JWT", StringComparison.OrdinalIgnoreCase) || name.Equals("at+jwt", StringComparison.OrdinalIgnoreCase);
    }

    private static JsonElement ObjectOf(string encoded, string part)
    {
        try
        {
            return JsonElement.Parse(Base64Url.DecodeFromChars(encoded), Unambiguous) is { ValueKind: JsonValueKind.Object } value
                ? value : throw new JsonException();
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw Invalid($"The token's {part} must be one JSON object in which every key occurs once.");
        }
    }
}
