using System.Buffers;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Bare;

/// <summary>The rows of a create and of a list, as handwritten statements over the server's own schema.</summary>
internal sealed class BareRows
{
    private const string Page =
        """
        SELECT body, created_at, id FROM agent_tasks
        WHERE organization_id = @organization AND NOT deleted AND status = @status AND assigned_agent_role = @role
        """;

    private readonly SqliteCommand _advance;
    private readonly SqliteCommand _task;
    private readonly SqliteCommand _change;
    private readonly SqliteCommand _first;
    private readonly SqliteCommand _next;

    public BareRows(SqliteConnection connection)
    {
        _advance = Prepared(connection,
            "INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES (@id, 1, 0, @epoch) ON CONFLICT (id) DO UPDATE "
            + "SET revision = revision + 1 RETURNING revision", "@id", "@epoch");
        _task = Prepared(
            connection,
            """
            INSERT INTO agent_tasks (id, organization_id, version, revision, status, created_at, updated_at, deleted, body, task_type, source_type, title, priority,
            assigned_agent_role, execution_mode, approval_policy, workspace_visible, workspace_id)
            VALUES (@id, @organization, 1, @revision, 1, @at, @at, 0, @body, @type, @source, @title, @priority, @role, 3, 1, 1, @organization)
            """,
            "@id", "@organization", "@revision", "@at", "@body", "@type", "@source", "@title", "@priority", "@role");
        _change = Prepared(
            connection,
            "INSERT INTO changes (organization_id, revision, ordinal, remaining, kind, resource_id, type, changed_at, body) VALUES "
                + "(@organization, @revision, 0, 0, 1, @id, 1, @at, @body)",
            "@organization", "@revision", "@id", "@at", "@body");
        _first = Prepared(connection, $"{Page} ORDER BY created_at DESC, id DESC LIMIT 51", "@organization", "@status", "@role");
        _next = Prepared(connection,
            $"{Page} AND created_at <= @created AND (created_at < @created OR id < @id) ORDER BY created_at DESC, id DESC LIMIT 51",
            "@organization", "@status", "@role", "@created", "@id");
    }

    public void Create(AgentTask task, SqliteTransaction transaction)
    {
        _advance.Transaction = _task.Transaction = _change.Transaction = transaction;
        var id = Guid.Parse(task.Id).ToByteArray(bigEndian: true);
        var at = task.CreatedAt.Seconds * 1_000_000;
        var revision = (long)Bound(_advance, task.OrganizationId, Guid.NewGuid().ToByteArray()).ExecuteScalar()!;
        Bound(_task, id, task.OrganizationId, revision, at, task.ToByteArray(), task.TaskType, (int)task.SourceType, task.Title,
            task.Priority, task.AssignedAgentRole).ExecuteNonQuery();
        Bound(_change, task.OrganizationId, revision, id, at, BareHub.EventOf(task)).ExecuteNonQuery();
    }

    public byte[] List(BareListRequest request)
    {
        var command = request.AfterId.IsEmpty
            ? Bound(_first, request.OrganizationId, request.Status, request.AssignedAgentRole)
            : Bound(_next, request.OrganizationId, request.Status, request.AssignedAgentRole, request.AfterCreatedAt,
                request.AfterId.ToByteArray());
        using var rows = command.ExecuteReader();
        var answer = new ArrayBufferWriter<byte>(32 * 1024);
        for (var i = 0; i < 50 && rows.Read(); i++)
        {
            var body = rows.GetFieldValue<byte[]>(0);
            _ = (rows.GetInt64(1), rows.GetFieldValue<byte[]>(2));
            var head = answer.GetSpan(8);
            head[0] = (ListAgentTasksResponse.AgentTasksFieldNumber << 3) | 2;
            var at = 1;
            for (var left = body.Length; ; left >>= 7)
            {
                head[at++] = (byte)(left > 127 ? (left & 127) | 128 : left);
                if (left <= 127)
                {
                    break;
                }
            }

            answer.Advance(at);
            answer.Write(body);
        }

        return answer.WrittenSpan.ToArray();
    }

    private static SqliteCommand Prepared(SqliteConnection connection, string sql, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter(name, null));
        }

        return command;
    }

    private static SqliteCommand Bound(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }
}
