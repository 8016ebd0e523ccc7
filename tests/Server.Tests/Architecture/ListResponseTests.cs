using System.Reflection;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Resources;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Architecture;

/// <summary>One page serves every list, so that every list's response must be made alike.</summary>
public sealed class ListResponseTests
{
    [Fact]
    public void Every_response_of_a_list_of_resources_Has_a_pages_fields_under_a_pages_numbers()
    {
        var lists = typeof(ResourcePage).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(Task<ResourcePage>) && method.DeclaringType!.Name.EndsWith("Endpoint", StringComparison.Ordinal))
            .Select(method => method.Name)
            .ToList();
        Assert.Equal(8, lists.Count);
        var responses = ServedContract.Services.SelectMany(service => service.Methods).Where(method => lists.Contains(method.Name)).Select(method => method.OutputType).ToList();
        Assert.Equal(lists.Count, responses.Count);
        Assert.All(responses, response =>
        {
            var fields = response.Fields.InFieldNumberOrder();
            Assert.Equal(4, fields.Count);
            Assert.True(fields[0].IsRepeated && fields[0].FieldNumber == ListAgentTasksResponse.AgentTasksFieldNumber && typeof(IResource).IsAssignableFrom(fields[0].MessageType.ClrType));
            Assert.Equal(
                [("next_page_token", ListAgentTasksResponse.NextPageTokenFieldNumber), ("revision", ListAgentTasksResponse.RevisionFieldNumber), ("resume_token", ListAgentTasksResponse.ResumeTokenFieldNumber)],
                fields.Skip(1).Select(field => (field.Name, field.FieldNumber)));
        });
    }
}
