using System.Text;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using Xunit;

namespace TaskGrpc.Server.Tests.Docs;

public sealed class GeneratedPageTests
{
    [Fact]
    public void The_lifecycles_page_Says_what_the_tables_say()
    {
        var page = new StringBuilder("# Lifecycles\n\nMade from the tables in `src/Server/Resources/*/*Lifecycle.cs`; a test fails when it is stale.\n");
        Append(page, "AgentTask", AgentTaskLifecycle.Machine,
            "DETERMINISTIC tasks have no PLANNING. AGENTIC tasks enter AWAITING_APPROVAL only from PLANNING or EXECUTING, and EXECUTING only from "
            + "PLANNING, AWAITING_APPROVAL or BLOCKED. HYBRID tasks go either way. BLOCKED leads to EXECUTING only if that is where it came from. "
            + "Entering EXECUTING takes an approval that holds, unless the policy is AUTO_EXECUTE.");
        Append(page, "BoardTask", BoardTaskLifecycle.Machine, "ASSIGNED and RUNNING need an assignee.");
        Append(page, "MonitorTask", MonitorTaskLifecycle.Machine, "PREVIEW is the answer of a dry run and never stored. While PAUSED nothing is triggered or delivered; Delete cancels what is PENDING or RETRYING.");
        Append(page, "Delivery", DeliveryLifecycle.Machine,
            "Attempt and Report are the server's own. A NOTIFICATION is created DELIVERED. Report leads to CANCELED in place of a retry when the monitor task was deleted meanwhile.");
        Append(page, "FlowExecution", FlowExecutionLifecycle.Machine, "It is the orchestrator's word, never derived. To CANCELED cancels the QUEUED and RUNNING executions in the same revision.");
        Append(page, "TaskExecution", TaskExecutionLifecycle.Machine,
            "It may be created in QUEUED, RUNNING, COMPLETED, FAILED or CANCELED. Retry makes another execution, after FAILED, CANCELED or STALE. While the flow is COMPLETED, FAILED "
            + "or CANCELED there is no Create, no Retry and no way to RUNNING.");
        GeneratedPage.AssertFresh("lifecycles.md", page.ToString());
    }

    [Fact]
    public void The_filters_page_Names_the_fields_that_the_kinds_declare()
    {
        // The lists are wrapped.
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "filters.md")).Replace("\n  ", " ", StringComparison.Ordinal);
        foreach (var (kind, names) in new[] { ("Agent tasks", new AgentTaskKind().FilterFields.Names), ("Board tasks", new BoardTaskKind().FilterFields.Names),
            ("Monitor tasks", new MonitorTaskKind().FilterFields.Names), ("Deliveries", new DeliveryKind().FilterFields.Names), ("Flow executions", new FlowExecutionKind().FilterFields.Names), ("Task executions", new TaskExecutionKind().FilterFields.Names) })
        {
            Assert.Contains($"- **{kind}**: {string.Join(", ", names.Select(name => $"`{name}`"))}\n", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_errors_page_Says_what_the_contract_says()
    {
        var page = new StringBuilder(
            """
            # Errors

            Made from `protos/taskgrpc/v1/error_reason.proto`; a test fails when it is stale. Every error that the service raises is a
            `google.rpc.Status` in the trailer `grpc-status-details-bin`, with an `ErrorInfo` whose `domain` is `taskgrpc` and whose `reason` is one of
            these. Where it fits, `BadRequest`, `PreconditionFailure`, `ResourceInfo` or `RetryInfo` come with it.

            | code | reason | what to do |
            |---|---|---|

            """);
        foreach (var reason in ErrorReasons.All)
        {
            page.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {SnakeCase(reason.Code.ToString())} | `{reason.Name}` | {reason.Advice} |\n");
        }

        GeneratedPage.AssertFresh("errors.md", page.ToString());
    }

    [Fact]
    public void Every_reason_Has_a_code_and_an_advice() => Assert.All(ErrorReasons.All, reason =>
    {
        Assert.NotEqual(Google.Rpc.Code.Ok, reason.Code);
        Assert.EndsWith(".", reason.Advice, StringComparison.Ordinal);
    });

    private static void Append<TStatus>(StringBuilder page, string kind, StateMachine<TStatus> machine, string remark)
        where TStatus : struct, Enum
    {
        page.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {kind}\n\nStarts in `{EnumNames<TStatus>.Of(machine.Initial)}`. {remark}\n\n| from | verb | to |\n|---|---|---|\n");
        foreach (var row in machine.Rows)
        {
            page.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {Names(row.From)} | {row.Verb} | {Names(row.To)} |\n");
        }

        var ends = Enum.GetValues<TStatus>().Where(status => Convert.ToInt32(status, System.Globalization.CultureInfo.InvariantCulture) != 0 && !machine.Rows.Any(row => row.From.Contains(status))).ToArray();
        page.Append(ends.Length == 0 ? "\nNo status is a dead end.\n" : $"\nNothing leads on from {Names(ends)}.\n");
    }

    private static string Names<TStatus>(IEnumerable<TStatus> statuses)
        where TStatus : struct, Enum => string.Join(", ", statuses.Select(status => $"`{EnumNames<TStatus>.Of(status)}`"));

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}
