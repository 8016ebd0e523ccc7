using System.Text;
using MimeKit;
using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Checks e-mail addresses with the library that sends to them.</summary>
internal static class EmailAddress
{
    // RFC 5321, 4.5.3.1, in bytes: a path has 256 with its brackets.
    private const int MostLocalBytes = 64;
    private const int MostBytes = 254;

    private static readonly ParserOptions Strict =
        new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false };

    /// <summary>Says what is wrong with an address, or null.</summary>
    public static string? Flaw(string text)
    {
        // The parser drops comments, brackets and white space, so compare its result with the whole text.
        var at = text.LastIndexOf('@');
        if (at < 1 || !MailboxAddress.TryParse(Strict, text, out var address)
            || address.LocalPart != text[..at] || address.LocalPart == "\"\"" || address.Name is { Length: > 0 })
        {
            return "must be one e-mail address without a name, like ops@example.com";
        }

        return !text[..at].EnumerateRunes().All(rune => rune.Value == ' ' || VisibleText.IsVisible(rune))
                ? "must not contain control or invisible characters"
            : InAscii(text) is not { } ascii || !IsSentAs(ascii)
                ? "must have a valid DNS domain: labels of 1 to 63 letters, digits and hyphens, 253 in all, or the ASCII form ('xn--…')"
            : Encoding.UTF8.GetByteCount(text[..at]) > MostLocalBytes || Encoding.UTF8.GetByteCount(ascii) > MostBytes
                ? $"must have at most {MostLocalBytes} bytes before the '@' and {MostBytes} in all"
            : null;
    }

    /// <summary>The same address with its domain in ASCII; null if the domain is not valid.</summary>
    public static string? InAscii(string text)
    {
        var at = text.LastIndexOf('@');
        return at < 0 ? null : DomainInAscii(text[(at + 1)..]) is { } domain ? text[..(at + 1)] + domain : null;
    }

    /// <summary>Whether a mail server must support SMTPUTF8 (RFC 6531) to accept the address.</summary>
    public static bool NeedsUtf8(MailboxAddress address) => !Ascii.IsValid(address.LocalPart);

    /// <summary>Whether the library sends the same domain to the mail server: it decodes an ASCII domain and encodes it again.</summary>
    private static bool IsSentAs(string ascii) =>
        MailboxAddress.TryParse(Strict, ascii, out var address)
        && ascii[(ascii.LastIndexOf('@') + 1)..]
            .Equals(MailboxAddress.IdnMapping.Encode(address.Domain), StringComparison.OrdinalIgnoreCase);

    // The parser has checked an IP address in brackets; without brackets it is not a valid domain.
    private static string? DomainInAscii(string domain) =>
        domain.StartsWith('[')
            ? domain : HostName.InAscii(domain) is { } name && !System.Net.IPAddress.TryParse(name, out _) ? name : null;
}
