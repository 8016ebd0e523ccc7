using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>What a new or moving execution must ask of its flow and of its siblings, in the lane.</summary>
internal sealed class TaskExecutionAdmission(KindDefinition<TaskExecution> kind, KindDefinition<FlowExecution> flows)
{
    private const int MostDefinitions = 256;
    private const int MostInputBytes = 1024 * 1024;

    /// <summary>Definitions never change, and parsing one takes longer than the rest of the command.</summary>
    private readonly ConcurrentDictionary<string, FlowDefinition> _definitions = [];

    /// <summary>Gives each execution its key, its input and its moments.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, INVALID_FIELD, FLOW_EXECUTION_FINISHED, TASK_EXECUTION_EXISTS, UPSTREAM_OUTPUT_MISSING.</exception>
    public void Admit(Commit commit, IReadOnlyList<(TaskExecution Resource, string Path)> resources)
    {
        RequireFlows(commit, resources);
        var keys = new TaskExecutionKeys(commit, resources.Sum(item => item.Resource.CalculateSize()));
        var violations = new Violations();
        foreach (var (execution, path) in resources)
        {
            keys.Take(execution, path, violations);
            execution.Input = InputOf(commit.Require(flows, execution.FlowExecutionId), execution, path, keys, violations);
            TaskExecutionRules.Record(execution, commit.Now);
        }

        violations.ThrowIfAny();
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION, FLOW_EXECUTION_FINISHED.</exception>
    public TaskExecution Transition(Commit commit, TransitionTaskExecutionRequest request) =>
        commit.Change(kind, request.Id, request.Etag, request.Reason, (_, execution, at) =>
            TaskExecutionRules.Transition(execution, request, commit.Require(flows, execution.FlowExecutionId), commit.Caller, at));

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION, FLOW_EXECUTION_FINISHED, NOT_LATEST_ATTEMPT.</exception>
    public TaskExecution Retry(Commit commit, RetryTaskExecutionRequest request)
    {
        var failed = (TaskExecution)commit.Require(kind, request.Id, request.Etag).Resource;
        var flow = commit.Require(flows, failed.FlowExecutionId);
        var next = TaskExecutionRules.Retry(failed, flow, commit.Caller);
        FlowExecutionLifecycle.RequireOpen(flow);
        var keys = new TaskExecutionKeys(commit);
        if (keys.LaterThan(failed) is { } latest)
        {
            throw TaskExecutionRules.NotLatest(failed, commit.Find(kind, latest)!);
        }

        var violations = new Violations();
        keys.Take(next, path: "", violations);
        violations.ThrowIfAny();
        return commit.Create(kind, next);
    }

    private void RequireFlows(Commit commit, IReadOnlyList<(TaskExecution Resource, string Path)> resources)
    {
        var violations = new Violations();
        foreach (var (execution, path) in resources)
        {
            var flow = commit.Require(flows, execution.FlowExecutionId);
            FlowExecutionLifecycle.RequireOpen(flow);
            if (flow.TaskNames.Count > 0 && !flow.TaskNames.Contains(execution.TaskName))
            {
                violations.Add(path + "task_name", "is not among the flow's task_names; names are compared by case");
            }
        }

        violations.ThrowIfAny();
    }

    private Value? InputOf(FlowExecution flow, TaskExecution execution, string path, TaskExecutionKeys keys, Violations violations)
    {
        if (execution.Input is { } sent)
        {
            return sent.KindCase == Value.KindOneofCase.NullValue ? null : sent;
        }

        if (!flow.HasDefinition || DefinitionOf(flow).InputOf(execution.TaskName) is not { } template)
        {
            return null;
        }

        var input = new InputResolution(flow.Id, keys, path + "input").Resolve(template);
        if (input.CalculateSize() is var size && size > MostInputBytes)
        {
            violations.Add(path + "input", $"has {size} bytes once its upstream outputs are in it; at most {MostInputBytes} are allowed");
        }

        JsonCheck.Check(input, path + "input", violations);
        return input.KindCase == Value.KindOneofCase.NullValue ? null : input;
    }

    private FlowDefinition DefinitionOf(FlowExecution flow)
    {
        if (!_definitions.TryGetValue(flow.Id, out var definition))
        {
            if (_definitions.Count >= MostDefinitions)
            {
                _definitions.Clear();
            }

            _definitions[flow.Id] = definition = FlowDefinition.Parse(flow.Definition);
        }

        return definition;
    }
}
