using System.Globalization;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Reads the task executions of a flow inside the writer's transaction.</summary>
internal sealed class TaskExecutionStatements : IStatements<TaskExecutionStatements>
{
    private readonly StoredValues _values;
    private readonly Query _highest;
    private readonly Query _find;
    private readonly Query _latest;
    private readonly Query _byKey;
    private readonly Query _latestLiving;
    private readonly Query _open;
    private readonly Query _takeOut;
    private readonly Query _takeAllOut;
    private readonly Query _bringIn;

    private TaskExecutionStatements(StoreConnection db)
    {
        _values = db.Values;
        _highest = db.Prepare(
            "SELECT max(task_execution_index) FROM task_executions WHERE organization_id = @organization AND flow_execution_id = @flow "
            + "AND task_name = @name",
            "@organization", "@flow", "@name");
        _find = db.Prepare(
            "SELECT id FROM task_executions WHERE organization_id = @organization AND flow_execution_id = @flow AND task_name = @name "
            + "AND task_execution_index = @index",
            "@organization", "@flow", "@name", "@index");
        _latest = db.Prepare(
            """
            SELECT body FROM task_executions
            WHERE organization_id = @organization AND flow_execution_id = @flow AND task_name = @name AND status = @status
            ORDER BY task_execution_index DESC LIMIT 1
            """,
            "@organization", "@flow", "@name", "@status");
        const string living =
            "SELECT body FROM task_executions WHERE organization_id = @organization AND flow_execution_id = @flow AND task_name = @name "
            + "AND NOT deleted";
        _byKey = db.Prepare($"{living} AND task_execution_index = @index", "@organization", "@flow", "@name", "@index");
        _latestLiving = db.Prepare($"{living} ORDER BY task_execution_index DESC LIMIT 1", "@organization", "@flow", "@name");
        _open = db.Prepare(
            $"""
            SELECT created_at, id FROM task_executions
            WHERE organization_id = @organization AND flow_execution_id = @flow AND (created_at, id) > (@createdAt, @id)
            AND status IN ({(int)TaskExecutionStatus.Queued}, {(int)TaskExecutionStatus.Running})
            ORDER BY created_at, id LIMIT @limit
            """,
            "@organization", "@flow", "@createdAt", "@id", "@limit");
        const string own = "UPDATE task_executions SET ready_for = @readyFor WHERE organization_id = @organization";
        _takeOut = db.Prepare($"{own} AND id = @id", "@readyFor", "@organization", "@id");
        _takeAllOut = db.Prepare(
            $"{own} AND flow_execution_id = @flow AND ready_for IS NOT NULL", "@readyFor", "@organization", "@flow");
        _bringIn = db.Prepare(
            $"{own} AND flow_execution_id = @flow AND status = {(int)TaskExecutionStatus.Queued}", "@readyFor", "@organization", "@flow");
    }

    /// <summary>The highest index that the task has used in this flow, deleted executions included; −1 if none.</summary>
    public long HighestIndex(string organizationId, Guid flow, string taskName) =>
        _highest.Scalar(organizationId, flow, taskName) is { } index and not DBNull
        ? Convert.ToInt64(index, CultureInfo.InvariantCulture) : -1;

    /// <summary>The execution with this key, deleted or not; null if the key is free.</summary>
    public Guid? Find(string organizationId, Guid flow, string taskName, int index) =>
        _values.IdOrNull(_find.Read(organizationId, flow, taskName, index));

    /// <summary>The body of the task's execution with the highest index in a status; null if there is none.</summary>
    public byte[]? Latest(string organizationId, Guid flow, string taskName, int status) =>
        (byte[]?)_latest.Scalar(organizationId, flow, taskName, status);

    /// <summary>
    /// The body of the execution with a key, without an index of the latest; null if there is none. A deleted one has no key to callers.
    /// </summary>
    public byte[]? ByKey(string organizationId, Guid flow, string taskName, int? index) => (byte[]?)(index is { } own
        ? _byKey.Scalar(organizationId, flow, taskName, own)
        : _latestLiving.Scalar(organizationId, flow, taskName));

    /// <summary>The flow's QUEUED and RUNNING executions after one.</summary>
    public List<Covered> Open(string organizationId, Guid flow, Covered after, int limit) =>
        Covered.Read(_open.Read(organizationId, flow, after.CreatedAt, after.Id, limit), _values);

    /// <summary>Keeps claims from an execution whose flow is finished.</summary>
    public void TakeOut(string organizationId, Guid execution) => _takeOut.Execute(DBNull.Value, organizationId, execution);

    /// <summary>Keeps claims from all executions of a flow that is finished.</summary>
    public void TakeAllOut(string organizationId, Guid flow) => _takeAllOut.Execute(DBNull.Value, organizationId, flow);

    /// <summary>Lets claims find the QUEUED executions of a flow that runs again.</summary>
    public void BringIn(string organizationId, Guid flow) => _bringIn.Execute("", organizationId, flow);

    public static TaskExecutionStatements Prepare(StoreConnection db) => new(db);
}
