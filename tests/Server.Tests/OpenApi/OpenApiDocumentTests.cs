using System.Net;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Xunit;

namespace TaskGrpc.Server.Tests.OpenApi;

public sealed class OpenApiDocumentTests(DocumentedServer server) : IClassFixture<DocumentedServer>
{
    [Fact]
    public void A_reader_Finds_no_error_and_no_warning()
    {
        var read = OpenApiDocument.Parse(server.Text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.NotEmpty(read.Document!.Paths);
    }

    [Fact]
    public void Everything_that_the_protos_declare_Has_its_comment()
    {
        var bare = new List<string>();
        void Require(string what, JsonNode? described)
        {
            if (string.IsNullOrWhiteSpace((string?)described?["description"]))
            {
                bare.Add(what);
            }
        }

        foreach (var tag in server.Document["tags"]!.AsArray())
        {
            Require($"tag {tag!["name"]}", tag);
        }

        foreach (var (_, path, operation) in server.Operations)
        {
            Require(path, operation);
            Assert.NotEmpty((string)operation["summary"]!);
            foreach (var parameter in operation["parameters"]!.AsArray().Select(parameter => server.Resolve(parameter!)))
            {
                Require($"{path} {parameter["name"]}", parameter);
            }

            foreach (var (status, answer) in operation["responses"]!.AsObject())
            {
                Require($"{path} {status}", answer);
            }
        }

        foreach (var (name, schema) in server.Document["components"]!["schemas"]!.AsObject())
        {
            Require(name, schema);
            foreach (var (property, value) in schema!["properties"]?.AsObject() ?? [])
            {
                Require($"{name}.{property}", value);
            }

            foreach (var value in schema["enum"]?.AsArray() ?? [])
            {
                Assert.Matches($"- `{value}`: \\S", (string)schema["description"]!);
                Assert.DoesNotContain("UNSPECIFIED", (string)value!, StringComparison.Ordinal);
            }
        }

        Assert.Empty(bare);
    }

    /// <summary>Fields whose limits are of each kind.</summary>
    [Theory]
    [InlineData("AgentTask", "title", "maxLength", "500")]
    [InlineData("AgentTask", "title", "minLength", "1")]
    [InlineData("AgentTask", "dueAt", "format", "date-time")]
    [InlineData("AgentTask", "etag", "readOnly", "true")]
    [InlineData("AgentTask", "approvalTimeout", "pattern", @"^-?[0-9]+(\.[0-9]{1,9})?s$")]
    [InlineData("AgentTaskPatch", "dueAt", "type", """["null","string"]""")]
    [InlineData("AgentTaskPatch", "title", "type", "string")]
    [InlineData("BatchCreateAgentTasksRequest", "agentTasks", "maxItems", "1000")]
    [InlineData("HeartbeatRequest", "id", "format", "uuid")]
    [InlineData("ListChangesResponse", "revision", "format", "int64")]
    [InlineData("ListChangesResponse", "revision", "type", "string")]
    public void A_limit_of_the_protos_Is_in_the_schema(string schema, string property, string keyword, string value)
    {
        var limit = Property(schema, property)[keyword];
        Assert.Equal(value, limit is JsonArray list ? list.ToJsonString() : $"{limit}");
    }

    [Fact]
    public void A_limit_in_bytes_Is_in_the_description() =>
        Assert.Contains("KiB", (string)Property("ClaimNextRequest", "filter")["description"]!, StringComparison.Ordinal);

    [Fact]
    public void A_call_Tells_its_scope_its_headers_and_the_reasons_of_its_refusals()
    {
        var transition = server.Operation("TransitionAgentTask");
        Assert.Contains("`tasks:write`", (string)transition["description"]!, StringComparison.Ordinal);
        Assert.Equal(
            ["id", "Idempotency-Key", "If-Match", "X-Request-Timeout"],
            transition["parameters"]!.AsArray().Select(parameter => (string)server.Resolve(parameter!)["name"]!));
        var answers = transition["responses"]!.AsObject();
        Assert.Contains("APPROVAL_REQUIRED", (string)answers["400"]!["description"]!, StringComparison.Ordinal);
        Assert.Contains("LEASE_LOST", (string)answers["409"]!["description"]!, StringComparison.Ordinal);
        Assert.Contains("ETAG_MISMATCH", (string)answers["412"]!["description"]!, StringComparison.Ordinal);
        Assert.NotNull(answers["200"]!["headers"]!["ETag"]);
        // A server without an issuer needs neither of the two.
        Assert.Contains(transition["security"]!.AsArray(), scheme => scheme!.AsObject().Count == 0);
        Assert.Equal("tasks:write", (string)transition["security"]![0]!["bearer"]![0]!);
        // The reasons of a call that its comment refers to.
        var batch = server.Operation("BatchCreateAgentTasks")["responses"]!["400"]!;
        Assert.Contains("REQUEST_ID_REUSED", (string)batch["description"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_has_the_document_Gets_304()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var first = await server.Http.GetAsync(new Uri("/openapi.json", UriKind.Relative), cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await server.Http.SendAsync(again, cancellation);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
    }

    private JsonNode Property(string schema, string property) =>
        server.Document["components"]!["schemas"]![schema]!["properties"]![property]!;
}
