using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Protocols.Http;
using TaskGrpc.Server.Protocols.Http.Requests;
using Xunit;

namespace TaskGrpc.Server.Tests.OpenApi;

/// <summary>The document has exactly the fields that the server reads from a request.</summary>
public sealed class OpenApiFieldTests(DocumentedServer server) : IClassFixture<DocumentedServer>
{
    public static TheoryData<string> Calls => [.. Methods.Where(HasRoute).Select(method => method.Name)];

    private static IEnumerable<MethodDescriptor> Methods => ServedContract.Services.SelectMany(service => service.Methods);

    [Fact]
    public void Every_call_with_a_route_Is_one_operation() => Assert.Equal(
        Methods.Where(HasRoute).Select(method => method.Name).Order(),
        server.Operations.Select(found => (string)found.Operation["operationId"]!).Order());

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task The_parameters_of_a_call_Are_those_that_the_server_accepts(string call)
    {
        var (method, served, route) = Find(call);
        var accepted = new List<string>();
        foreach (var name in Names(method.InputType, "", depth: 3))
        {
            if (!(await ViolationsAsync(served, route, name)).Any(IsNoParameter))
            {
                accepted.Add(name);
            }
        }

        Assert.Equal(accepted.Order(), Parameters(call, "query").Order());
        // The control: the server says so of what it does not know.
        Assert.Contains(await ViolationsAsync(served, route, "unknown"), IsNoParameter);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_path_and_the_body_of_a_call_Have_every_field_that_the_server_accepts(string call)
    {
        var (method, _, route) = Find(call);
        var (verb, path, operation) = server.Operations.Single(found => (string?)found.Operation["operationId"] == call);
        var inPath = route.Path.Split('{').Skip(1).Select(part => part.Split('}')[0]).ToList();
        Assert.Equal(route.Verb, verb);
        Assert.Equal(inPath.Count, path.Count(letter => letter == '{'));
        Assert.All(Parameters(call, "path"), name => Assert.Contains($"{{{name}}}", path, StringComparison.Ordinal));
        var body = operation["requestBody"]?["content"]!["application/json"]!["schema"];
        var documented = body is null ? [] : server.Resolve(body)["properties"]!.AsObject().Select(property => property.Key);
        var message = route.Body is "" or HttpRoute.Whole ? method.InputType : method.InputType.FindFieldByName(route.Body).MessageType;
        var fields = route.Body.Length == 0 ? [] : message.Fields.InFieldNumberOrder()
            .Where(field => !inPath.Contains(field.Name)).Select(field => field.JsonName);
        Assert.Equal(fields.Order(), documented.Order());
    }

    private static bool HasRoute(MethodDescriptor method) =>
        method.GetOptions()?.GetExtension(Google.Api.AnnotationsExtensions.Http) is not null;

    private static bool IsNoParameter(FieldViolation violation) =>
        violation.Description.StartsWith("is not a parameter of", StringComparison.Ordinal);

    private (MethodDescriptor Method, ServedCall Served, HttpRoute Route) Find(string call)
    {
        var method = Methods.Single(method => method.Name == call);
        var served = server.Server.Services.GetRequiredService<CallTable>().Find($"/{method.Service.FullName}/{method.Name}")!;
        return (method, served, HttpRoute.Of(served)!);
    }

    private IEnumerable<string> Parameters(string call, string place) => server.Operation(call)["parameters"]!.AsArray()
        .Select(parameter => server.Resolve(parameter!)).Where(parameter => (string?)parameter["in"] == place)
        .Select(parameter => (string)parameter["name"]!);

    /// <summary>Every field, and every field inside it, by its path in JSON's spelling.</summary>
    private static IEnumerable<string> Names(MessageDescriptor message, string outer, int depth) => depth == 0 ? []
        : message.Fields.InFieldNumberOrder().SelectMany(field => (field.FieldType == FieldType.Message
            ? Names(field.MessageType, $"{outer}{field.JsonName}.", depth - 1) : []).Prepend(outer + field.JsonName));

    /// <summary>What the server finds wrong with a request that has one parameter and no more.</summary>
    private async Task<IReadOnlyList<FieldViolation>> ViolationsAsync(ServedCall served, HttpRoute route, string parameter)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = route.Verb;
        context.Request.ContentType = JsonAnswers.ContentType;
        context.Request.QueryString = QueryString.Create(parameter, "1");
        foreach (var name in route.Path.Split('{').Skip(1).Select(part => part.Split('}')[0]))
        {
            context.Request.RouteValues[name] = Guid.Empty.ToString();
        }

        try
        {
            await server.Server.Services.GetRequiredService<JsonRequests>()
                .ReadAsync(served, route, context, TestContext.Current.CancellationToken);
            return [];
        }
        catch (Fault fault)
        {
            return fault.Violations;
        }
    }
}
