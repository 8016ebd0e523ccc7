using System.Text;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The names of tables and columns, for EF's model and for our own statements.</summary>
internal static class TableNames
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(OrganizationRow)] = "organizations",
        [typeof(AgentTaskRow)] = "agent_tasks",
        [typeof(BoardTaskRow)] = "board_tasks",
        [typeof(SubtaskRow)] = "board_task_subtasks",
        [typeof(MonitorTaskRow)] = "monitor_tasks",
        [typeof(DeliveryRow)] = "deliveries",
        [typeof(DueDeliveryRow)] = "due_deliveries",
        [typeof(FlowExecutionRow)] = "flow_executions",
        [typeof(TaskExecutionRow)] = "task_executions",
        [typeof(ChangeRow)] = "changes",
        [typeof(RequestRow)] = "requests",
        [typeof(SigningSecretRow)] = "signing_secrets",
    };

    public static IEnumerable<Type> Rows => Names.Keys;

    /// <summary>The row types of resources.</summary>
    public static IEnumerable<Type> Resources => Rows.Where(row => row.IsSubclassOf(typeof(ResourceRow)));

    public static string Of(Type row) => Names[row];

    /// <summary>The name of a property's column.</summary>
    public static string OfColumn(string property)
    {
        var name = new StringBuilder(property.Length + 4);
        for (var i = 0; i < property.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(property[i]) && !char.IsAsciiLetterUpper(property[i - 1]))
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(property[i]));
        }

        return name.ToString();
    }
}
