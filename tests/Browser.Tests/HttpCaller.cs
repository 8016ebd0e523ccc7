using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>Another terminal: calls the server over HTTP with JSON, as curl does.</summary>
internal sealed class HttpCaller(Uri server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };

    public async Task<JsonElement> PostAsync(string path, object body, string actor = "anna", string type = "user")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("x-actor-id", actor);
        request.Headers.Add("x-actor-type", type);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
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
