using Google.Protobuf;
using Npgsql;
using NpgsqlTypes;
using TaskGrpc.Load.Bare;

namespace TaskGrpc.Load.Subjects;

/// <summary>
/// A create's rows, written straight into PostgreSQL in the server's schema: one prepared statement and one COMMIT each.
/// </summary>
internal sealed class PostgresRows : IAsyncDisposable
{
    private const string Create =
        """
        WITH head AS (UPDATE organizations SET revision = revision + 1 WHERE id = $1 RETURNING revision),
        task AS (
            INSERT INTO agent_tasks (organization_id, id, version, revision, status, created_at, updated_at, deleted, body, task_type, source_type, title, priority,
                assigned_agent_role, execution_mode, approval_policy, workspace_visible, workspace_id)
            SELECT $1, $2, 1, revision, 1, now(), now(), false, $3, $4, $5, $6, $7, $8, 3, 1, true, $1 FROM head)
        INSERT INTO changes (organization_id, revision, ordinal, remaining, kind, resource_id, type, changed_at, body)
        SELECT $1, revision, 0, 0, 1, $2, 1, now(), $9 FROM head
        """;

    private readonly NpgsqlConnection[] _connections;
    private readonly NpgsqlCommand[] _commands;

    private PostgresRows(NpgsqlConnection[] connections, NpgsqlCommand[] commands) => (_connections, _commands) = (connections, commands);

    /// <param name="connection">A database with the server's schema.</param>
    /// <param name="connections">The number of connections, one per caller.</param>
    public static async Task<PostgresRows> OpenAsync(string connection, int connections)
    {
        var opened = new NpgsqlConnection[connections];
        var commands = new NpgsqlCommand[connections];
        for (var i = 0; i < connections; i++)
        {
            opened[i] = new NpgsqlConnection(connection + ";Pooling=false");
            await opened[i].OpenAsync();
            commands[i] = new NpgsqlCommand(Create, opened[i]);
            foreach (var type in new[] { NpgsqlDbType.Text, NpgsqlDbType.Uuid, NpgsqlDbType.Bytea, NpgsqlDbType.Text,
                NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Bytea })
            {
                commands[i].Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
            }

            await commands[i].PrepareAsync();
        }

        return new PostgresRows(opened, commands);
    }

    public async Task CreateAsync(int caller, Random random)
    {
        var task = Tasks.Stored(random);
        var command = _commands[caller];
        object[] values = [task.OrganizationId, Guid.Parse(task.Id), task.ToByteArray(), task.TaskType, (int)task.SourceType, task.Title,
            task.Priority, task.AssignedAgentRole, BareHub.EventOf(task)];
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}
