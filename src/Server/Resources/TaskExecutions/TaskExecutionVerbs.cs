using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Definitions;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Checks new and moving executions against their flow and their siblings, in the lane.</summary>
internal sealed class TaskExecutionVerbs(
    KindDefinition<TaskExecution> kind, KindDefinition<FlowExecution> flows, Fence<TaskExecution> fence)
{
    private const int MostDefinitions = 256;

    /// <summary>A cache: definitions never change, and parsing one takes longer than the rest of the command.</summary>
    private readonly ConcurrentDictionary<string, FlowDefinition> _definitions = [];

    /// <summary>
    /// Gives each execution its key, its input and its times. It checks all of them before it refuses any: a bad field of a later one
    /// comes before a refusal by the state of an earlier one.
    /// </summary>
    /// <exception cref="Fault">
    /// INVALID_FIELD; else the first execution's refusal, in this order: RESOURCE_NOT_FOUND (the flow), FLOW_EXECUTION_FINISHED,
    /// TASK_EXECUTION_EXISTS, UPSTREAM_OUTPUT_MISSING.
    /// </exception>
    public void Complete(UnitOfWork unit, IReadOnlyList<(TaskExecution Resource, string Path)> resources, Violations violations)
    {
        var keys = new TaskExecutionKeys(unit, resources.Sum(item => item.Resource.CalculateSize()));
        Fault? refusal = null;
        foreach (var (execution, path) in resources)
        {
            // Without a flow or a name, which is reported already, there is no key to check.
            if (execution.TaskName.Length > 0 && MessageCheck.IsUuid(execution.FlowExecutionId))
            {
                var own = Judge(unit, execution, path, keys, violations);
                refusal ??= own;
            }

            TaskExecutionRules.Record(execution, unit.Now);
        }

        violations.ThrowIfAny();
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION, FLOW_EXECUTION_FINISHED.</exception>
    public TaskExecution Transition(UnitOfWork unit, TransitionTaskExecutionRequest request) =>
        unit.Change(kind, request.Id, request.Etag, request.Reason, (before, execution, at) =>
        {
            TaskExecutionRules.Transition(execution, request, unit.Require(flows, execution.FlowExecutionId), unit.Caller, at);
            fence.Settle(unit, before, execution, request);
        }, before => fence.Check(unit, before, request));

    /// <exception cref="Fault">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION, FLOW_EXECUTION_FINISHED, NOT_LATEST_ATTEMPT.
    /// </exception>
    public TaskExecution Retry(UnitOfWork unit, RetryTaskExecutionRequest request)
    {
        var failed = (TaskExecution)unit.Require(kind, request.Id, request.Etag).Resource;
        var flow = unit.Require(flows, failed.FlowExecutionId);
        var next = TaskExecutionRules.Retry(failed, flow, unit.Caller);
        OpenFlow.Require(flow);
        var keys = new TaskExecutionKeys(unit);
        if (keys.LaterThan(failed) is { } latest)
        {
            throw TaskExecutionRules.NotLatest(failed, unit.Find(kind, latest)!);
        }

        var violations = new Violations();
        keys.TakeNext(next, path: "", violations);
        violations.ThrowIfAny();
        return unit.Create(kind, next);
    }

    /// <summary>Checks one execution against its flow and its siblings, and returns the state's refusal; null for none.</summary>
    private Fault? Judge(UnitOfWork unit, TaskExecution execution, string path, TaskExecutionKeys keys, Violations violations)
    {
        var flow = unit.Find(flows, Guid.Parse(execution.FlowExecutionId));
        if (NameFlaw(execution.TaskName, flow) is { } flaw)
        {
            violations.Add(path + "task_name", flaw);
        }

        var exists = keys.Take(execution, path, violations);
        if (flow is null)
        {
            return Fault.NotFound(flows.Name, execution.FlowExecutionId);
        }

        var missing = ResolveInput(flow, execution, path, keys, violations);
        return OpenFlow.IsFinished(flow) ? OpenFlow.Finished(flow) : exists ?? missing;
    }

    /// <summary>A name in the flow's task_names is always valid, even one that only an older release allowed.</summary>
    private static string? NameFlaw(string name, FlowExecution? flow) =>
        flow is null || flow.TaskNames.Count == 0 ? TextCheck.NameFlaw(name)
        : flow.TaskNames.Contains(name) ? null
        : "is not in the flow's task_names; names are case-sensitive";

    /// <summary>Sets the input to store; returns UPSTREAM_OUTPUT_MISSING if an output that it refers to is missing.</summary>
    private Fault? ResolveInput(FlowExecution flow, TaskExecution execution, string path, TaskExecutionKeys keys, Violations violations)
    {
        Fault? missing = null;
        if (execution.Input is null && flow.HasDefinition
            && DefinitionOf(flow, path, violations)?.InputOf(execution.TaskName) is { } template)
        {
            var resolution = new InputResolution(flow.Id, keys, path + "input", violations);
            execution.Input = resolution.Resolve(template);
            missing = resolution.Missing;
        }

        if (execution.Input?.KindCase == Value.KindOneofCase.NullValue)
        {
            execution.Input = null;
        }

        return missing;
    }

    /// <summary>The flow's definition; null, with a violation, if an older release stored one that this release refuses.</summary>
    private FlowDefinition? DefinitionOf(FlowExecution flow, string path, Violations violations)
    {
        if (!_definitions.TryGetValue(flow.Id, out var definition))
        {
            if (_definitions.Count >= MostDefinitions)
            {
                _definitions.Clear();
            }

            try
            {
                _definitions[flow.Id] = definition = FlowDefinition.Parse(flow.Definition);
            }
            catch (DefinitionException exception)
            {
                violations.Add(path + "input", $"must be sent, because this release refuses the flow's definition: {exception.Message}");
            }
        }

        return definition;
    }
}
