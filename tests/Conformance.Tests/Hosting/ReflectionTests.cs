using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A client with only reflection, like grpcurl, creates, lists, moves and watches a task.</summary>
public abstract class ReflectionTests(ServerFixture fixture)
{
    [Fact]
    public async Task Both_versions_Describe_the_services_and_the_error_details()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        string[] services = [.. ServedContract.Services.Select(service => service.FullName), "grpc.health.v1.Health"];
        var v1 = await AskAsync(channel, new() { ListServices = "" });
        Assert.Superset(services.ToHashSet(), v1.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());

        Assert.NotEmpty(
            (await AskAsync(
                channel, new() { FileContainingSymbol = "google.rpc.BadRequest" })).FileDescriptorResponse.FileDescriptorProto);
        Assert.NotEmpty(
            (await AskAsync(
                channel, new() { FileByFilename = "google/rpc/error_details.proto" })).FileDescriptorResponse.FileDescriptorProto);

        // grpcurl requests this before it prints an error detail.
        Assert.Empty(
            (await AskAsync(
                channel, new() { AllExtensionNumbersOfType = "google.rpc.ErrorInfo" })).AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Contains(50001,
            (await AskAsync(channel,
                new() { AllExtensionNumbersOfType = "google.protobuf.FieldOptions" })).AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal((int)StatusCode.NotFound,
            (await AskAsync(channel, new() { AllExtensionNumbersOfType = "no.such.Message" })).ErrorResponse.ErrorCode);

        Assert.NotEmpty(
            (await AskAlphaAsync(
                channel, new() { FileContainingSymbol = "taskgrpc.v1.AgentTaskService" })).FileDescriptorResponse.FileDescriptorProto);
    }

    [Theory]
    [InlineData("taskgrpc.v1.AgentTask", "taskgrpc/v1/agent_task.proto")]
    [InlineData("taskgrpc.v1.AgentTask.title", "taskgrpc/v1/agent_task.proto")]
    [InlineData("taskgrpc.v1.AgentTaskStatus", "taskgrpc/v1/agent_task.proto")]
    [InlineData("taskgrpc.v1.AGENT_TASK_STATUS_QUEUED", "taskgrpc/v1/agent_task.proto")]
    [InlineData("taskgrpc.v1.AgentTaskService.CreateAgentTask", "taskgrpc/v1/agent_task.proto")]
    [InlineData("taskgrpc.v1.WatchRequest.start", "taskgrpc/v1/watch.proto")]
    [InlineData("taskgrpc.v1.max_bytes", "taskgrpc/v1/options.proto")]
    [InlineData("google.rpc.BadRequest.FieldViolation", "google/rpc/error_details.proto")]
    [InlineData("google.rpc.BadRequest.FieldViolation.field", "google/rpc/error_details.proto")]
    [InlineData("google.protobuf.FieldDescriptorProto.Type", "google/protobuf/descriptor.proto")]
    [InlineData("google.protobuf.FieldDescriptorProto.TYPE_BOOL", "google/protobuf/descriptor.proto")]
    [InlineData("taskgrpc.v1.AgentTask.nothing", null)]
    [InlineData("taskgrpc.v1.AgentTaskStatus.AGENT_TASK_STATUS_QUEUED", null)]
    [InlineData("google.protobuf.FieldDescriptorProto.Type.TYPE_BOOL", null)]
    [InlineData("taskgrpc.v1.AgentTaskService.Nothing", null)]
    [InlineData("taskgrpc.v1", null)]
    [InlineData("", null)]
    public async Task Every_symbol_of_the_contract_Is_found_in_its_file_by_both_versions(string symbol, string? file)
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var v1 = await AskAsync(channel, new() { FileContainingSymbol = symbol });
        var alpha = await AskAlphaAsync(channel, new() { FileContainingSymbol = symbol });
        if (file is null)
        {
            Assert.Equal(
                ((int)StatusCode.NotFound, (int)StatusCode.NotFound), (v1.ErrorResponse?.ErrorCode, alpha.ErrorResponse?.ErrorCode));
            return;
        }

        Assert.Contains(file, Names(v1.FileDescriptorResponse.FileDescriptorProto));
        Assert.Equal(v1.FileDescriptorResponse.FileDescriptorProto, alpha.FileDescriptorResponse.FileDescriptorProto);
        var asked = await AskAsync(channel, new() { FileByFilename = file });
        Assert.Equal(asked.FileDescriptorResponse, v1.FileDescriptorResponse);
    }

    [Fact]
    public async Task Every_extension_number_that_is_promised_Is_found_in_its_file_by_both_versions()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var promised = 0;
        foreach (var type in new[] { "google.protobuf.FieldOptions", "google.protobuf.MethodOptions", "google.protobuf.EnumValueOptions" })
        {
            var numbers = await AskAsync(channel, new() { AllExtensionNumbersOfType = type });
            foreach (var number in numbers.AllExtensionNumbersResponse.ExtensionNumber)
            {
                promised++;
                var answer =
                    await AskAsync(channel, new() { FileContainingExtension = new() { ContainingType = type, ExtensionNumber = number } });
                var extensions = answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)
                    .SelectMany(file => file.Extension);
                Assert.Contains(extensions, extension => extension.Number == number && extension.Extendee == "." + type);
                var alpha = await AskAlphaAsync(
                    channel, new() { FileContainingExtension = new() { ContainingType = type, ExtensionNumber = number } });
                Assert.Equal(answer.FileDescriptorResponse.FileDescriptorProto, alpha.FileDescriptorResponse.FileDescriptorProto);
            }
        }

        Assert.True(promised > 3);
        foreach (var (
            type, number) in new[] { ("google.protobuf.FieldOptions", 1), ("taskgrpc.v1.AgentTask", 50001), ("no.such.Message", 50001) })
        {
            Assert.Equal((int)StatusCode.NotFound,
                (await AskAsync(channel,
                    new()
                    {
                        FileContainingExtension = new()
                        {
                            ContainingType = type,
                            ExtensionNumber = number
                        }
                    })).ErrorResponse.ErrorCode);
            Assert.Equal((int)StatusCode.NotFound,
                (await AskAlphaAsync(channel,
                    new()
                    {
                        FileContainingExtension = new()
                        {
                            ContainingType = type,
                            ExtensionNumber = number
                        }
                    })).ErrorResponse.ErrorCode);
        }

        // grpcurl requests the extensions of nested messages too.
        var none = await AskAsync(channel, new() { AllExtensionNumbersOfType = "google.rpc.BadRequest.FieldViolation" });
        Assert.Empty(none.AllExtensionNumbersResponse.ExtensionNumber);
    }

    [Fact]
    public async Task A_client_that_knows_only_reflection_Creates_lists_moves_watches_and_resumes()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var reflected = new ReflectedClient(
            channel, await DescribeAsync(channel, "taskgrpc.v1.AgentTaskService", "taskgrpc.v1.WatchService"), fixture.NewOrganization());

        var task = await reflected.CallAsync("AgentTaskService", "CreateAgentTask", """{"agent_task":{"task_type":"refund","source_type":"SOURCE_TYPE_EVENT","title":"x"}}""");
        var id = task.Text("id");
        await reflected.CallAsync("AgentTaskService", "TransitionAgentTask", $$"""{"id":"{{id}}","status":"AGENT_TASK_STATUS_PLANNING"}""");
        var list = await reflected.CallAsync("AgentTaskService", "ListAgentTasks", "{}");
        Assert.Equal(id, Assert.Single(list.Messages("agent_tasks")).Text("id"));

        var seen = await reflected.WatchAsync("""{"after_revision":"0"}""", events: 2);
        Assert.Equal("CHANGE_TYPE_TRANSITIONED", seen.Last().Messages("events").Last().Message("change").EnumName("type"));
        var token = seen.Last().Text("resume_token");
        await reflected.CallAsync("AgentTaskService", "TransitionAgentTask", $$"""{"id":"{{id}}","status":"AGENT_TASK_STATUS_CANCELED"}""");
        var resumed = await reflected.WatchAsync($$"""{"resume_token":"{{token}}"}""", events: 1);
        Assert.Equal(
            "AGENT_TASK_STATUS_CANCELED", resumed.Last().Messages("events").Single().Message("change").Message("transition").Text("to"));
    }

    private static async Task<ServerReflectionResponse> AskAsync(GrpcChannel channel, ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(request);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(default));
        var answer = call.ResponseStream.Current;
        Assert.False(await call.ResponseStream.MoveNext(default));
        return answer;
    }

    private static async Task<Grpc.Reflection.V1Alpha.ServerReflectionResponse> AskAlphaAsync(
        GrpcChannel channel, Grpc.Reflection.V1Alpha.ServerReflectionRequest request)
    {
        using var call = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(request);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(default));
        var answer = call.ResponseStream.Current;
        Assert.False(await call.ResponseStream.MoveNext(default));
        return answer;
    }

    private static IEnumerable<string> Names(IEnumerable<Google.Protobuf.ByteString> files) =>
        files.Select(file => FileDescriptorProto.Parser.ParseFrom(file).Name);

    private static async Task<FileDescriptorSet> DescribeAsync(GrpcChannel channel, params string[] symbols)
    {
        var files = new FileDescriptorSet();
        foreach (var symbol in symbols)
        {
            var answer = await AskAsync(channel, new() { FileContainingSymbol = symbol });
            files.File.AddRange(answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom));
        }

        return files;
    }
}
