using Google.Protobuf.Reflection;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Testing;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A client that knows nothing but reflection, as grpcurl does, creates, lists, moves and watches a task.</summary>
public abstract class ReflectionTests(ServerFixture fixture)
{
    [Fact]
    public async Task Both_versions_Describe_the_services_and_the_error_details()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        string[] services = [.. ServedContract.Services.Select(service => service.FullName), "grpc.health.v1.Health"];
        var v1 = await AskAsync(channel, new() { ListServices = "" });
        Assert.Superset(services.ToHashSet(), v1.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());

        Assert.NotEmpty((await AskAsync(channel, new() { FileContainingSymbol = "google.rpc.BadRequest" })).FileDescriptorResponse.FileDescriptorProto);
        Assert.NotEmpty((await AskAsync(channel, new() { FileByFilename = "google/rpc/error_details.proto" })).FileDescriptorResponse.FileDescriptorProto);

        // grpcurl asks this before it prints an error detail.
        Assert.Empty((await AskAsync(channel, new() { AllExtensionNumbersOfType = "google.rpc.ErrorInfo" })).AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Contains(50001, (await AskAsync(channel, new() { AllExtensionNumbersOfType = "google.protobuf.FieldOptions" })).AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal((int)Grpc.Core.StatusCode.NotFound, (await AskAsync(channel, new() { AllExtensionNumbersOfType = "no.such.Message" })).ErrorResponse.ErrorCode);

        var alpha = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(channel);
        using var call = alpha.ServerReflectionInfo(deadline: DateTime.MaxValue);
        await call.RequestStream.WriteAsync(new() { FileContainingSymbol = "taskgrpc.v1.AgentTaskService" });
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        Assert.False(await call.ResponseStream.MoveNext(default));
    }

    [Fact]
    public async Task A_client_that_knows_only_reflection_Creates_lists_moves_watches_and_resumes()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var reflected = new ReflectedClient(channel, await DescribeAsync(channel, "taskgrpc.v1.AgentTaskService", "taskgrpc.v1.WatchService"), fixture.NewOrganization());

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
        Assert.Equal("AGENT_TASK_STATUS_CANCELED", resumed.Last().Messages("events").Single().Message("change").Message("transition").Text("to"));
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
