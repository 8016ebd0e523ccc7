using Google.Protobuf.Reflection;
using Microsoft.OpenApi;
using TaskGrpc.Server.Calls;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The operation of a call.</summary>
internal sealed class Operations(OpenApiDocument document, Schemas schemas)
{
    public const string Bearer = "bearer";
    public const string Certificate = "certificate";

    private readonly CallParameters _parameters = new(document, schemas);
    private readonly CallAnswers _answers = new(document, schemas);
    private readonly RequestExamples _examples = new();

    public OpenApiOperation Of(MethodDescriptor method, ServedCall served, CallFields call)
    {
        var comment = schemas.Comments.Of(method);
        return new OpenApiOperation
        {
            OperationId = method.Name,
            Tags = new HashSet<OpenApiTagReference> { new(method.Service.Name, document) },
            Summary = ProtoComments.FirstSentence(comment),
            Description = $"{comment}\n\n{ScopeText(served)}",
            Parameters = _parameters.Of(call, method.IsServerStreaming),
            RequestBody = BodyOf(method, call),
            Responses = _answers.Of(method, call),
            Security = Security(served),
        };
    }

    private static string ScopeText(ServedCall served) => served.ExecutionScope.Length > 0 && served.ExecutionScope != served.Scope
        ? $"Scope: `{served.Scope}`; `{served.ExecutionScope}` for task executions." : $"Scope: `{served.Scope}`.";

    /// <summary>A token or a certificate; or neither, for a server without an issuer.</summary>
    private IList<OpenApiSecurityRequirement> Security(ServedCall served) =>
    [
        new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [served.Scope] },
        new() { [new OpenApiSecuritySchemeReference(Certificate, document)] = [served.Scope] },
        new(),
    ];

    private OpenApiRequestBody? BodyOf(MethodDescriptor method, CallFields call)
    {
        if (call.Route.Body.Length == 0)
        {
            return null;
        }

        var schema = call.Body is { } field
            ? schemas.Of(field.MessageType, call.Request is IPatch ? Shape.Patch : Shape.Whole)
            : schemas.Of(call.Request.Descriptor, Shape.Whole, call.InBody, call.Request.Descriptor.Name);
        var required = ((OpenApiSchema)document.Components!.Schemas![schema.Reference.Id!]).Required!;
        return new OpenApiRequestBody
        {
            Description = schemas.Comments.Of(call.Body is { } held ? held : call.Request.Descriptor),
            Required = call.Body is not null || required.Count > 0,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [JsonAnswers.ContentType] = new OpenApiMediaType { Schema = schema, Examples = _examples.Of(method.Name) },
            },
        };
    }
}
