using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Checks a webhook's URL as the HTTP client will use it: for a URL that passes, only the network can fail.</summary>
internal static class WebhookEndpoint
{
    private const string Rule = "must be an absolute https URL, like https://hooks.example.com/alerts";

    /// <summary>Says what is wrong with a URL, or null.</summary>
    public static string? Flaw(string text)
    {
        if (text.EnumerateRunes().Any(rune => !VisibleText.IsVisible(rune) || rune.Value == '\\'))
        {
            return "must not contain spaces, backslashes, control or invisible characters; percent-encode them in the path";
        }

        if (AuthorityOf(text) is not var (start, end))
        {
            return Rule;
        }

        var authority = text.AsSpan(start, end - start);
        return authority.Contains('@')
                ? "must not contain a user name or password, which all readers of the task would see; verify the signature instead"
            : text.Contains('#') ? "must not have a fragment: HTTP does not send it"
            : authority.Contains('%') ? "must not have '%' in its host: percent-encoding and IPv6 zones are not supported"
            : InAscii(text) is not { } ascii
                ? "must have a valid DNS host: labels of 1 to 63 letters, digits, '-' or '_', 253 in all, or the ASCII form ('xn--…')"
            : !Uri.TryCreate(ascii, UriKind.Absolute, out var url)
                || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6) ? Rule
            : url.Port is < 1 or > 65535 ? "must have a port from 1 to 65535, or none"
            : null;
    }

    /// <summary>The same URL with its host in ASCII; null if the host is not valid.</summary>
    public static string? InAscii(string text)
    {
        if (AuthorityOf(text) is not var (start, end))
        {
            return null;
        }

        var authority = text[start..end];
        if (authority.StartsWith('['))
        {
            // An IPv6 address, which Uri checks.
            return text;
        }

        var host = authority.Split(':', 2)[0];
        return HostName.InAscii(host, underscores: true) is { } ascii
            ? ascii == host ? text : $"{text[..start]}{ascii}{text[(start + host.Length)..]}" : null;
    }

    /// <summary>Where the authority begins and ends; null if there is none, or the scheme is not http or https.</summary>
    private static (int Start, int End)? AuthorityOf(string text)
    {
        var start = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : text.Length;
        var length = text.AsSpan(start).IndexOfAny('/', '?', '#');
        var end = length < 0 ? text.Length : start + length;
        return end > start ? (start, end) : null;
    }
}
