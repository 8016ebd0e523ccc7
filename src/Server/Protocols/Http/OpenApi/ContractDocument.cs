using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.OpenApi;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The contract as an OpenAPI document, from the descriptors, their options and their comments.</summary>
internal static class ContractDocument
{
    private const string Conventions = """
        Durable tasks of agents: every call of the gRPC contract as JSON. One server serves both, with the same rules.

        - JSON is that of proto3: `int64` is text, a moment is RFC 3339, a duration is `"30s"`. Answers are in camelCase and leave out
          fields that are empty, `0` or `false`; requests may be in snake_case too. An unknown field or parameter is `INVALID_FIELD`.
        - Fields that only the server sets are ignored in a request. In a PATCH, only the fields of the body change.
        - Errors are a `google.rpc.Status`; its ErrorInfo has a reason, on which programs decide.
        - While the server has no issuer, it listens on loopback only, and a caller may name itself in the headers
          `x-organization-id`, `x-actor-id` and `x-actor-type`.
        """;

    public static byte[] Write(CallTable table)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Of(table).SerializeAs(OpenApiSpecVersion.OpenApi3_1, new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static OpenApiDocument Of(CallTable table)
    {
        var calls = ServedContract.Services.SelectMany(service => service.Methods)
            .Select(method => (Method: method, Served: table.Find($"/{method.Service.FullName}/{method.Name}")!))
            .Where(call => HttpRoute.Of(call.Served) is not null)
            .Select(call => (call.Method, call.Served, Fields: new CallFields(call.Served, HttpRoute.Of(call.Served)!))).ToList();
        var (document, comments) = (Empty(), new ProtoComments());
        var schemas = new Schemas(document, comments, calls.Select(call => call.Method.InputType));
        document.Components!.Responses = ErrorAnswers.Components(new StatusSchema(document, schemas).Of());
        document.Tags = calls.Select(call => call.Method.Service).Distinct()
            .Select(service => new OpenApiTag { Name = service.Name, Description = comments.Of(service) }).ToHashSet();
        document.RegisterComponents();
        var operations = new Operations(document, schemas);
        foreach (var path in calls.GroupBy(call => call.Fields.Template))
        {
            document.Paths.Add(path.Key, new OpenApiPathItem
            {
                Operations = path.ToDictionary(
                    call => new HttpMethod(call.Fields.Route.Verb), call => operations.Of(call.Method, call.Served, call.Fields)),
            });
        }

        return document;
    }

    private static OpenApiDocument Empty() => new()
    {
        Info = new OpenApiInfo
        {
            Title = "TaskGrpc",
            Version = typeof(ContractDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion.Split('+')[0],
            Description = Conventions,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        },
        Servers = [new OpenApiServer { Url = "/", Description = "This server." }],
        Components = new OpenApiComponents
        {
            Schemas = new Dictionary<string, IOpenApiSchema>(),
            Parameters = CallParameters.Headers,
            Headers = CallAnswers.Headers,
            SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Operations.Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "JWT",
                    Description = "A token of the server's issuer, with the claims `sub`, `org`, `actor_type` and `scope`.",
                },
                [Operations.Certificate] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.MutualTLS,
                    Description = "A client certificate that the server's configuration names.",
                },
            },
        },
    };
}
