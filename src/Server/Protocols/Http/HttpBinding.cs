using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Protocols.Http.OpenApi;
using TaskGrpc.Server.Protocols.Http.Requests;
using TaskGrpc.Server.Protocols.Http.Streams;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>Binds HTTP: its steps before routing, and the route of every call of the table.</summary>
internal static class HttpBinding
{
    public static IServiceCollection AddHttp(this IServiceCollection services)
    {
        // Over TLS the framework's default stays: no compression, because the size of an answer would tell about its secrets.
        services.AddResponseCompression();
        services.AddCors();
        return services
            .AddSingleton<SameOrigin>()
            .AddSingleton<HttpGate>()
            .AddSingleton<JsonRequests>()
            .AddSingleton<ChangeTexts>()
            .AddSingleton<HttpCalls>();
    }

    /// <summary>Guards every path, answers browsers that ask before a call, and turns gRPC-Web into gRPC.</summary>
    public static void UseHttp(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<HttpGate>();
        app.Use(next => context => gate.PassAsync(context, next));
        var origins = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.AllowedOrigins;
        if (origins.Count > 0)
        {
            app.UseCors(policy => policy.WithOrigins([.. origins]).AllowAnyHeader().AllowAnyMethod()
                .WithExposedHeaders("ETag", "Retry-After", "grpc-status", "grpc-message", "grpc-status-details-bin"));
        }

        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
    }

    public static void MapHttpCalls(this WebApplication app)
    {
        var (table, calls) = (app.Services.GetRequiredService<CallTable>(), app.Services.GetRequiredService<HttpCalls>());
        var routes = table.All.Select(served => (Served: served, Route: HttpRoute.Of(served)))
            .Where(call => call.Route is not null).ToList();
        var compressed = Compressed(app);
        foreach (var (served, route) in routes)
        {
            if (served.Handler.Stream is not null)
            {
                app.MapMethods(route!.Path, Verbs(served, route), context => calls.StreamAsync(served, route, context));
                continue;
            }

            app.MapMethods(route!.Path, Verbs(served, route), compressed)
                .WithMetadata(new Answering(context => calls.AnswerAsync(served, route, context)));
        }

        app.MapMethods(OpenApiEndpoint.Path, [HttpMethods.Get, HttpMethods.Head], compressed)
            .WithMetadata(new Answering(OpenApiEndpoint.Answer(table)));
        foreach (var path in routes.GroupBy(call => call.Route!.Path))
        {
            var allowed = string.Join(", ", path.SelectMany(call => Verbs(call.Served, call.Route!)).Append(HttpMethods.Options));
            app.MapMethods(path.Key, [HttpMethods.Options], context =>
            {
                (context.Response.StatusCode, context.Response.Headers.Allow) = (StatusCodes.Status204NoContent, allowed);
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>A HEAD is a GET whose body the framework drops; a stream has no end that its headers could describe.</summary>
    private static string[] Verbs(ServedCall served, HttpRoute route) =>
        route.Verb == HttpMethods.Get && served.Handler.Stream is null ? [HttpMethods.Get, HttpMethods.Head] : [route.Verb];

    /// <summary>
    /// One compression for all answers: one for each route would cost the start. A stream is not compressed, because it would wait for
    /// more data.
    /// </summary>
    private static RequestDelegate Compressed(IApplicationBuilder app)
    {
        var branch = app.New();
        branch.UseResponseCompression();
        branch.Run(context => context.GetEndpoint()!.Metadata.GetRequiredMetadata<Answering>().Answer(context));
        return branch.Build();
    }

    /// <summary>What answers the requests of a route.</summary>
    private sealed record Answering(RequestDelegate Answer);
}
