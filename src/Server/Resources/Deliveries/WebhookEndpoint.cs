using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The URL of a webhook, judged by what will use it: what passes can be asked for by the HTTP client, so that only the network can refuse it.</summary>
internal static class WebhookEndpoint
{
    private const string Rule = "must be an absolute https URL, like https://hooks.example.com/alerts";

    /// <summary>Says what is wrong with a URL, or null.</summary>
    public static string? Flaw(string text)
    {
        if (text.EnumerateRunes().Any(rune => !VisibleText.IsVisible(rune) || rune.Value == '\\'))
        {
            return "must not have spaces, backslashes, control or invisible characters; percent-encode those that belong to its path";
        }

        if (AuthorityOf(text) is not var (start, end))
        {
            return Rule;
        }

        var authority = text.AsSpan(start, end - start);
        return authority.Contains('@') ? "must not carry a user name or password: everybody who may read the task would see them. Verify the signature instead"
            : text.Contains('#') ? "must not have a fragment: it would not be sent"
            : authority.Contains('%') ? "must not have '%' in its host: percent-encoding and zones are not open here"
            : InAscii(text) is not { } ascii
                ? "must have a host that DNS can have: labels of 1 to 63 letters, digits, hyphens and underscores, 253 in all, or its ASCII form that begins with 'xn--'"
            : !Uri.TryCreate(ascii, UriKind.Absolute, out var url)
                || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6) ? Rule
            : url.Port is < 1 or > 65535 ? "must have a port from 1 to 65535, or none"
            : null;
    }

    /// <summary>The same URL with its host in ASCII; null if that cannot be.</summary>
    public static string? InAscii(string text)
    {
        if (AuthorityOf(text) is not var (start, end))
        {
            return null;
        }

        var authority = text[start..end];
        if (authority.StartsWith('['))
        {
            // An IPv6 address, which the URL's own parser judges.
            return text;
        }

        var host = authority.Split(':', 2)[0];
        return HostName.InAscii(host, underscores: true) is { } ascii ? ascii == host ? text : $"{text[..start]}{ascii}{text[(start + host.Length)..]}" : null;
    }

    /// <summary>Where the authority begins and ends; null without a scheme of the web, or without an authority.</summary>
    private static (int Start, int End)? AuthorityOf(string text)
    {
        var start = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : text.Length;
        var length = text.AsSpan(start).IndexOfAny('/', '?', '#');
        var end = length < 0 ? text.Length : start + length;
        return end > start ? (start, end) : null;
    }
}
