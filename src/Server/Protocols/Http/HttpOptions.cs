namespace TaskGrpc.Server.Protocols.Http;

/// <summary>Who may call the HTTP port from a browser; the configuration section <c>Http</c>.</summary>
internal sealed class HttpOptions
{
    public const string Section = "Http";

    public const string NotOrigins =
        "Http:AllowedOrigins must list origins as browsers send them, such as https://console.example.com: lower case, without a path.";

    /// <summary>
    /// Origins whose pages may call this server, each exactly as a browser sends it, such as <c>https://console.example.com</c>.
    /// Default: none, so that only this server's own pages may.
    /// </summary>
    public IList<string> AllowedOrigins { get; set; } = [];

    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == text;
}
