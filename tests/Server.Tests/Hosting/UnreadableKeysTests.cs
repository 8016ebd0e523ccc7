using System.Net;
using System.Xml.Linq;
using Grpc.Core;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

/// <summary>The store keeps the keys that seal page tokens and secrets, so the keys can be unreadable while the store is.</summary>
public sealed class UnreadableKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_that_cannot_be_read_Are_no_fault_of_the_token_and_end_the_server()
    {
        var token = "";
        await using (var healthy = await TestServer.StartAsync(_folder.Path))
        {
            using var client = healthy.Client("org");
            await client.CreateAgentTaskAsync();
            await client.CreateAgentTaskAsync();
            token = (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 })).NextPageToken;
        }

        // The clock stands still, so that calls arrive before the server has noticed.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using (
            var server = await TestServer.StartAsync(_folder.Path, time,
                replace: services => services.PostConfigure<KeyManagementOptions>(keys => keys.XmlRepository = new Unreadable())))
        {
            server.ExpectErrors("key ring");
            server.ExpectErrors("KeyRing");
            server.ExpectErrors("keys that encrypt secrets");
            using var client = server.Client("org");
            await RefusedAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 }).ResponseAsync);
            await RefusedAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1, PageToken = token }).ResponseAsync);
            await RefusedAsync(() => client.SigningSecrets.CreateSigningSecretAsync(new()).ResponseAsync);
            // Calls that need no key get their answer.
            Assert.Equal(2, (await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks.Count);

            // The readiness check makes the server notice: it is not ready, and stops.
            var stopping = new TaskCompletionSource();
            using var registration =
                server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
            using var http = new HttpClient { BaseAddress = server.Http };
            var ready = http.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            await stopping.Task;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ready).StatusCode);
        }

        await using var again = await TestServer.StartAsync(_folder.Path);
        using var patient = again.Client("org");
        Assert.Single((await patient.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1, PageToken = token })).AgentTasks);
    }

    private static async Task RefusedAsync(Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(call);
        Assert.Equal((StatusCode.Unavailable, ErrorReason.Draining), (exception.StatusCode, exception.Reason));
    }

    private sealed class Unreadable : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => throw new IOException("The disk is gone.");

        public void StoreElement(XElement element, string friendlyName) => throw new IOException("The disk is gone.");
    }
}
