using System.Net;
using System.Text.Json;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>The requests of the four systems that the contract grew from, as their own descriptions show them.</summary>
public sealed class SeedRequestTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly JsonCaller _http = new(server.Server.Http, ("x-organization-id", server.NewOrganization()));

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Agent_Task_create_schema_Creates_with_its_defaults_and_update_schema_updates_every_field()
    {
        var created = await _http.PostAsync("/agent-tasks", """
            {"taskType":"payment","sourceType":"automation_rule","sourceRefId":"rule-1","entityType":"invoice","entityId":"inv-1",
             "title":"Pay","description":"Pay it","priority":100,"assignedAgentRole":"payer","executionMode":"agentic",
             "approvalPolicy":"draft_for_review","dueAt":"2030-01-01T00:00:00Z","workspaceVisible":true,"workspaceId":"ws",
             "metadata":{"a":{"b":[1,null,true]}}}
            """);
        Assert.Equal(HttpStatusCode.OK, created.Status);
        Assert.Equal(("SOURCE_TYPE_AUTOMATION_RULE", "AGENT_TASK_STATUS_QUEUED", "EXECUTION_MODE_AGENTIC"),
            (created["sourceType"], created["status"], created["executionMode"]));
        var least = await _http.PostAsync("/agent-tasks", """{"taskType":"payment","sourceType":"event","title":"Pay"}""");
        Assert.Equal(("APPROVAL_POLICY_DRAFT_FOR_REVIEW", 100, true), (least["approvalPolicy"],
            least.Json.GetProperty("priority").GetInt32(), least.Json.GetProperty("workspaceVisible").GetBoolean()));

        var updated = await _http.PatchAsync($"/agent-tasks/{created["id"]}", """
            {"taskType":"refund","entityType":"order","entityId":"o-1","title":"Refund","description":"Back","priority":1,
             "assignedAgentRole":"refunder","executionMode":"deterministic","approvalPolicy":"restricted","dueAt":"2031-01-01T00:00:00Z",
             "workspaceVisible":false,"metadata":{}}
            """);
        Assert.Equal(("refund", "order", "Refund", "EXECUTION_MODE_DETERMINISTIC", "APPROVAL_POLICY_RESTRICTED", "2031-01-01T00:00:00Z"),
            (updated["taskType"], updated["entityType"], updated["title"], updated["executionMode"], updated["approvalPolicy"],
                updated["dueAt"]));
    }

    [Fact]
    public async Task Task_object_Is_created_previewed_and_read()
    {
        const string Task = """
            {"intent":"watch margins","concept_id":"c","concept_version":"1","condition_id":"d","condition_version":"2","action_id":"a",
             "action_version":"3","entity_scope":"all","delivery":{"type":"webhook","endpoint":"http://127.0.0.1:9/hook","channel":"ops",
             "workflow_id":"w"},"status":"active","created_at":"2024-07-29T15:51:28.071Z","last_triggered_at":"2024-07-29T15:51:28.071Z",
             "context_version":"4","context_warning":"old","guardrails_version":"5"}
            """;
        var created = await _http.PostAsync("/tasks", Task);
        Assert.Equal((HttpStatusCode.OK, "MONITOR_TASK_STATUS_ACTIVE"), (created.Status, created["status"]));
        Assert.Equal("DELIVERY_TYPE_WEBHOOK", created.Json.GetProperty("delivery").GetProperty("type").GetString());
        Assert.Equal(created["taskId"], (await _http.GetAsync($"/tasks/{created["taskId"]}"))["taskId"]);
        var preview = await _http.PostAsync("/tasks?validate_only=true", Task);
        Assert.Equal("MONITOR_TASK_STATUS_PREVIEW", preview["status"]);
        var persisted = await _http.PostAsync("/tasks", Task.Replace("\"active\"", "\"preview\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, persisted.Status);
        var deleted = await _http.SendAsync(HttpMethod.Delete, $"/tasks/{created["taskId"]}", null);
        Assert.Equal("MONITOR_TASK_STATUS_DELETED", deleted["status"]);
    }

    [Fact]
    public async Task PATCH_agents_tasks_Updates_a_task_and_refuses_its_status()
    {
        var created = await _http.PostAsync("/agents/tasks", """{"title":"Sort","source":"manual"}""");
        var path = $"/agents/tasks/{created["id"]}";
        var updated = await _http.PatchAsync(path, """
            {
              "title": "Sort them",
              "description": "All of them",
              "priority": 2,
              "assigned_to_type_id": "sorter",
              "assigned_to_instance_id": "sorter-1",
              "assigned_to_user_id": "anna",
              "correlation_bucket_id": "bucket",
              "source": "triage"
            }
            """);
        Assert.Equal(("Sort them", 2, "sorter", "BOARD_TASK_SOURCE_TRIAGE", "BOARD_TASK_STATUS_BACKLOG"), (updated["title"],
            updated.Json.GetProperty("priority").GetInt32(), updated["assignedToTypeId"], updated["source"], updated["status"]));
        var cleared = await _http.PatchAsync(
            path, """{"description":null,"priority":null,"assigned_to_type_id":null,"source":null,"correlation_bucket_id":null}""");
        Assert.Equal((3, "BOARD_TASK_SOURCE_MANUAL"), (cleared.Json.GetProperty("priority").GetInt32(), cleared["source"]));
        Assert.False(cleared.Json.TryGetProperty("assignedToTypeId", out _));
        Assert.Equal("IMMUTABLE_FIELD", (await _http.PatchAsync(path, """{"status":"done"}""")).Reason);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PatchAsync(path, """{"priority":5}""")).Status);
    }

    [Fact]
    public async Task POST_task_executions_Records_what_ran_and_GET_by_id_reads_it()
    {
        var flow = await _http.PostAsync("/flow-executions", """{"workflow_id":"w","task_names":["fetch","load"]}""");
        var failed = await _http.PostAsync("/task-executions", $$$"""
            {"flow_execution_id":"{{{flow["id"]}}}","task_name":"fetch","task_execution_index":0,"status":"failed","input":[1,"two",null],
             "error":{"message":"no","type":"IOError","traceback":"at line 1"}}
            """);
        Assert.Equal(("TASK_EXECUTION_STATUS_FAILED", "no"), (failed["status"],
            failed.Json.GetProperty("error").GetProperty("message").GetString()));
        var canceled = await _http.PostAsync("/task-executions", $$$"""
            {"flow_execution_id":"{{{flow["id"]}}}","task_name":"load","task_execution_index":0,"status":"cancelled","input":null}
            """);
        Assert.Equal("TASK_EXECUTION_STATUS_CANCELED", canceled["status"]);
        var completed = await _http.PostAsync("/task-executions", $$$"""
            {"flow_execution_id":"{{{flow["id"]}}}","task_name":"fetch","status":"completed","output":{"rows":3}}
            """);
        Assert.Equal(1, completed.Json.GetProperty("taskExecutionIndex").GetInt32());
        var read = await _http.GetAsync($"/task-executions/{completed["id"]}");
        Assert.Equal(JsonSerializer.Serialize(completed.Json), JsonSerializer.Serialize(read.Json));
        var repeat = await _http.PostAsync("/task-executions", $$$"""
            {"flow_execution_id":"{{{flow["id"]}}}","task_name":"fetch","task_execution_index":0}
            """);
        Assert.Equal((HttpStatusCode.Conflict, "TASK_EXECUTION_EXISTS"), (repeat.Status, repeat.Reason));
    }
}
