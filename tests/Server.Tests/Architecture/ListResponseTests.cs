using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Architecture;

/// <summary>One piece of code fills every list's response, so all of them must have the same fields.</summary>
public sealed class ListResponseTests
{
    [Fact]
    public async Task Every_response_of_a_list_of_resources_Has_a_pages_fields_under_a_pages_numbers()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        var calls = server.Services.GetRequiredService<CallTable>();
        var responses = ServedContract.Services.SelectMany(service => service.Methods)
            .Where(method =>
                method.InputType.FindFieldByName("page_token") is not null && method.Service.FullName != WatchService.Descriptor.FullName
                && method.Service.FullName != WorkService.Descriptor.FullName)
            .Select(method => (Served: calls.Find($"/{method.Service.FullName}/{method.Name}")!, method.OutputType))
            .ToList();
        Assert.Equal(10, responses.Count);
        Assert.All(responses, response => Assert.Equal(response.OutputType.ClrType, response.Served.Handler.Response));
        Assert.All(responses, response =>
        {
            var fields = response.OutputType.Fields.InFieldNumberOrder();
            Assert.Equal(4, fields.Count);
            Assert.True(fields[0].IsRepeated && fields[0].FieldNumber == ListAgentTasksResponse.AgentTasksFieldNumber
                && typeof(IResource).IsAssignableFrom(fields[0].MessageType.ClrType));
            Assert.Equal(
                [("next_page_token", ListAgentTasksResponse.NextPageTokenFieldNumber),
                    ("revision", ListAgentTasksResponse.RevisionFieldNumber),
                    ("resume_token", ListAgentTasksResponse.ResumeTokenFieldNumber)],
                fields.Skip(1).Select(field => (field.Name, field.FieldNumber)));
        });
    }
}
