using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>What identity is made of.</summary>
internal static class IdentityServices
{
    /// <summary>Whether callers have to prove who they are.</summary>
    public static bool AsksForTokens(this IConfiguration configuration) =>
        configuration.GetSection("Authentication:Schemes:Bearer").Exists() || configuration[$"{IdentityOptions.Section}:{nameof(IdentityOptions.JwksFile)}"] is { Length: > 0 };

    public static IServiceCollection AddIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IdentityOptions>().BindConfiguration(IdentityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(_ => new RequiredScopes(ServedContract.Services)).AddSingleton<RefusalLog>().AddSingleton<IdentityInterceptor>();
        if (!configuration.AsksForTokens())
        {
            return services.AddSingleton<ICallers, LoopbackCallers>();
        }

        services.AddAuthentication().AddJwtBearer();
        if (configuration[$"{IdentityOptions.Section}:{nameof(IdentityOptions.JwksFile)}"] is { Length: > 0 } path)
        {
            var keys = new JwksFile(path);
            services.AddHostedService(_ => keys);
            services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer =>
            {
                bearer.TokenValidationParameters.ValidateIssuerSigningKey = true;
                bearer.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, _, _) => keys.Read();
            });
        }

        return services.AddSingleton<ICallers, TokenCallers>();
    }
}
