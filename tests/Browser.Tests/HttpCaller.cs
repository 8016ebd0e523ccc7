using System.Net;
using System.Text.Json;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>Another terminal: calls the server over HTTP with JSON, as curl does.</summary>
internal sealed class HttpCaller(Uri server) : IDisposable
{
    private readonly JsonCaller _http = new(server);

    public async Task<JsonElement> PostAsync(string path, object body, string actor = "anna", string type = "user")
    {
        var answer = await _http.PostAsync(path, JsonSerializer.Serialize(body), ("x-actor-id", actor), ("x-actor-type", type));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }

    /// <summary>Creates an agent task; returns its id.</summary>
    public async Task<string> CreateAsync(string title) =>
        (await PostAsync("/agent-tasks", NewTask(title))).GetProperty("id").GetString()!;

    public Task MoveAsync(string id, string status, string? reason = null) =>
        PostAsync($"/agent-tasks/{id}:transition", new { status = $"AGENT_TASK_STATUS_{status}", reason });

    public static object NewTask(string title) => new
    {
        title,
        taskType = "refund",
        sourceType = "SOURCE_TYPE_EVENT",
        approvalPolicy = "APPROVAL_POLICY_AUTO_EXECUTE",
    };

    public void Dispose() => _http.Dispose();
}
