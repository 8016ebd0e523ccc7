extern alias ScalarPage;

using System.Security.Cryptography;
using ScalarPage::Scalar.AspNetCore;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The page /docs, on which people read and try the calls. All that it loads is served from here.</summary>
internal static class DocsPage
{
    private const string Path = "/docs";

    /// <summary>Only the first reader pays for the page's library: loading it takes a part of a start.</summary>
    public static void MapDocs(this WebApplication app)
    {
        var page = new Lazy<RequestDelegate>(() => Build(app.Services));
        app.MapMethods(Path + "/{**file}", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            context.SetEndpoint(null);
            return page.Value(context);
        });
    }

    private static RequestDelegate Build(IServiceProvider services)
    {
        var page = new ApplicationBuilder(services);
        page.UseRouting();
        page.UseEndpoints(endpoints => endpoints.MapScalarApiReference(Path, (options, context) =>
        {
            // Hex: a nonce in base64 may have characters that HTML escapes.
            var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            context.Response.Headers.ContentSecurityPolicy = Policy(nonce);
            options.WithTitle("TaskGrpc").WithNonce(nonce).WithOpenApiRoutePattern(OpenApiEndpoint.Path)
                .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.HideClientButton = true;
        }));
        return page.Build();
    }

    /// <summary>
    /// Scripts only with the answer's own nonce, and requests only to this server. The page writes its styles itself, hence
    /// 'unsafe-inline' for them.
    /// </summary>
    private static string Policy(string nonce) =>
        $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}
