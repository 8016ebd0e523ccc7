using System.Text;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Docs;

public sealed class GeneratedPageTests
{
    [Fact]
    public void The_lifecycles_page_Says_what_the_tables_say()
    {
        var page = new StringBuilder(
            "# Lifecycles\n\nGenerated from the tables in `src/Server/Resources/*/*Lifecycle.cs`; a test fails if the page is stale.\n");
        Append(page, "AgentTask", AgentTaskLifecycle.Machine,
            "DETERMINISTIC tasks have no PLANNING. AGENTIC tasks enter AWAITING_APPROVAL only from PLANNING or EXECUTING, and EXECUTING "
                + "only from "
            + "PLANNING, AWAITING_APPROVAL or BLOCKED. HYBRID tasks may pass PLANNING or skip it. "
            + "A BLOCKED task returns to EXECUTING only if it came from there. "
            + "Unless the policy is AUTO_EXECUTE, a task enters EXECUTING only with a granted approval.");
        Append(page, "BoardTask", BoardTaskLifecycle.Machine, "ASSIGNED and RUNNING need an assignee.");
        Append(page, "MonitorTask", MonitorTaskLifecycle.Machine,
            "PREVIEW is the answer of a dry run and is never stored. A PAUSED task refuses triggers and holds its deliveries back. "
            + "Delete cancels its PENDING and RETRYING deliveries, at most 1,000 in a revision.");
        Append(page, "Delivery", DeliveryLifecycle.Machine,
            "Only the server makes Attempt and Report. A NOTIFICATION is created DELIVERED. If the monitor task was deleted during the "
            + "attempt and the attempt failed, Report moves the delivery to CANCELED instead of RETRYING.");
        Append(page, "FlowExecution", FlowExecutionLifecycle.Machine,
            "The orchestrator sets the status; the server never computes it from the task executions. "
            + "A move to CANCELED cancels the flow's QUEUED and RUNNING executions, at most 1,000 in a revision.");
        Append(page, "TaskExecution", TaskExecutionLifecycle.Machine,
            "An execution can be created in QUEUED, RUNNING, COMPLETED, FAILED or CANCELED. Retry creates another execution, after "
            + "FAILED, CANCELED or STALE. While the flow is COMPLETED, FAILED or CANCELED, the server refuses Create, Retry and moves to "
                + "RUNNING.");
        GeneratedPage.AssertFresh("lifecycles.md", page.ToString());
    }

    [Fact]
    public void The_filters_page_Names_the_fields_that_the_kinds_declare()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "filters.md")).Replace("\n  ", " ", StringComparison.Ordinal);
        foreach (var kind in Kinds.All)
        {
            var name = char.ToUpperInvariant(kind.Table.Name[0]) + kind.Table.Name[1..].Replace('_', ' ');
            Assert.Contains(
                $"- **{name}**: {string.Join(", ", kind.FilterFields.Select(field => $"`{field}`"))}\n", page, StringComparison.Ordinal);
            Assert.Contains(
                $"- **{name}**: {string.Join(", ", kind.GroupFields.Select(field => $"`{field}`"))}\n", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_errors_page_Says_what_the_contract_says()
    {
        var page = new StringBuilder(
            """
            # Errors

            Generated from `protos/taskgrpc/v1/error_reason.proto`; a test fails if the page is stale. Every error of the service is a
            `google.rpc.Status` in the trailer `grpc-status-details-bin`. Its `ErrorInfo` has the `domain` `taskgrpc` and one of these reasons. Some
            errors also have `BadRequest`, `PreconditionFailure`, `ResourceInfo` or `RetryInfo`.

            | code | reason | what to do |
            |---|---|---|

            """);
        foreach (var reason in ErrorReasons.All)
        {
            page.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"| {SnakeCase(reason.Code.ToString())} | `{reason.Name}` | {reason.Advice} |\n");
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
        page.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"\n## {kind}\n\nStarts in `{EnumNames<TStatus>.Of(machine.Initial)}`. {remark}\n\n| from | verb | to |\n|---|---|---|\n");
        foreach (var row in machine.Rows)
        {
            page.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {Names(row.From)} | {row.Verb} | {Names(row.To)} |\n");
        }

        var ends = Enum.GetValues<TStatus>()
            .Where(status =>
                Convert.ToInt32(status, System.Globalization.CultureInfo.InvariantCulture) != 0
                && !machine.Rows.Any(row => row.From.Contains(status))).ToArray();
        page.Append(ends.Length == 0 ? "\nEvery status has a transition out.\n" : $"\nNo transition leaves {Names(ends)}.\n");
    }

    private static string Names<TStatus>(IEnumerable<TStatus> statuses)
        where TStatus : struct, Enum => string.Join(", ", statuses.Select(status => $"`{EnumNames<TStatus>.Of(status)}`"));

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}
