using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Definitions;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Server.Resources.FlowExecutions;

internal sealed class FlowExecutionRules : ResourceRules<FlowExecution>
{
    private const int MostDefinitionBytes = 64 * 1024;

    public override void CheckSent(FlowExecution sent, string path, Violations violations) =>
        CheckInitial(sent.Status, FlowExecutionLifecycle.Machine.Initial, path, violations);

    public override void CheckValues(FlowExecution resource, string path, Violations violations, Func<string, bool> isSet)
    {
        if (resource.HasDefinition && resource.TaskNames.Count > 0)
        {
            violations.Add(path + "task_names", "must be empty when you send a definition, which names the tasks itself");
        }

        foreach (var twice in resource.TaskNames.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            violations.Add(path + "task_names", $"contains '{Clip.Of(twice.Key, 40)}' twice");
        }

        for (var i = 0; i < resource.TaskNames.Count; i++)
        {
            if (TextCheck.NameFlaw(resource.TaskNames[i]) is { } flaw)
            {
                violations.Add($"{path}task_names[{i}]", flaw);
            }
        }
    }

    public override void Create(FlowExecution resource, Caller caller, string path, Violations violations)
    {
        resource.Status = FlowExecutionLifecycle.Machine.Initial;
        // A definition that is too long is reported already; do not parse it.
        if (!resource.HasDefinition || Encoding.UTF8.GetByteCount(resource.Definition) > MostDefinitionBytes)
        {
            return;
        }

        try
        {
            var tasks = FlowDefinition.Parse(resource.Definition).Tasks;
            resource.TaskNames.Clear();
            resource.TaskNames.Add(tasks.Select(task => task.Name));
            foreach (var task in tasks)
            {
                if (TextCheck.NameFlaw(task.Name) is { } flaw)
                {
                    violations.Add(path + "definition", new DefinitionException(task.At, $"a name {flaw}").Message);
                }
            }
        }
        catch (DefinitionException exception)
        {
            violations.Add(path + "definition", exception.Message);
        }
    }

    public static void Transition(FlowExecution flow, FlowExecutionStatus to, Timestamp at)
    {
        FlowExecutionLifecycle.Require(flow, to);
        flow.Status = to;
        if (to == Running)
        {
            flow.StartedAt ??= at;
        }

        flow.FinishedAt = to is Completed or Failed or Canceled ? at : null;
    }
}
