using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.IdentityModel.Tokens;

namespace TaskGrpc.Server.Calls.Identity;

internal static class IdentityServices
{
    /// <summary>Whether callers must prove their identity.</summary>
    public static bool KnowsCallers(this IConfiguration configuration) =>
        configuration.AsksForTokens() || configuration.AsksForCertificates();

    private static bool AsksForTokens(this IConfiguration configuration) =>
        configuration.GetSection("Authentication:Schemes:Bearer").Exists()
            || configuration[$"{IdentityOptions.Section}:{nameof(IdentityOptions.JwksFile)}"] is { Length: > 0 };

    private static bool AsksForCertificates(this IConfiguration configuration) =>
        configuration.GetSection($"{IdentityOptions.Section}:{nameof(IdentityOptions.Certificates)}").Exists();

    public static IServiceCollection AddIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<RefusalLog>();
        if (configuration.AsksForTokens())
        {
            services.AddTokens(configuration);
        }

        return configuration.AsksForCertificates() ? services.AddSingleton<ICallers, CertificateCallers>()
            : configuration.AsksForTokens() ? services.AddSingleton<ICallers>(provider => provider.GetRequiredService<TokenCallers>())
            : services.AddSingleton<ICallers, LoopbackCallers>();
    }

    private static void AddTokens(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAuthentication().AddJwtBearer();
        // Only the scheme's settings are used. If the host finds schemes, it adds a middleware that also validates each call's token.
        services.RemoveAll<IAuthenticationSchemeProvider>();
        // These two need the schemes. In Development the host builds every service at the start, and would fail on them.
        services.RemoveAll<IAuthenticationHandlerProvider>();
        services.RemoveAll<IAuthenticationService>();
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer =>
        {
            if (bearer.ConfigurationManager is BaseConfigurationManager authority)
            {
                // Otherwise a withdrawn key stays valid for an hour.
                authority.UseLastKnownGoodConfiguration = false;
            }
        });
        if (configuration[$"{IdentityOptions.Section}:{nameof(IdentityOptions.JwksFile)}"] is { Length: > 0 } path)
        {
            services.AddSingleton(provider => new JwksFile(path, provider.GetRequiredService<ILogger<JwksFile>>()));
            services.AddHostedService(provider => provider.GetRequiredService<JwksFile>());
            services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).PostConfigure<JwksFile>((bearer, keys) =>
            {
                bearer.TokenValidationParameters.ValidateIssuerSigningKey = true;
                bearer.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, _, _) => keys.Read();
            });
        }

        services.AddSingleton<TokenCallers>();
    }
}
