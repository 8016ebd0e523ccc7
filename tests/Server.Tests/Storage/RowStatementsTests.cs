using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sqlite;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>SQLite's statements of the commit path write what a row says, and nothing that it says to be the same.</summary>
public sealed class RowStatementsTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly SqliteRowStatements _statements;

    public RowStatementsTests()
    {
        _connection.Open();
        var columns = Tables.FlowExecutions.Columns.Select(column => column.Name);
        Scalar($"CREATE TABLE flow_executions ({string.Join(", ", columns)}, PRIMARY KEY (id))");
        _statements = new SqliteRowStatements(_connection, Tables.FlowExecutions);
    }

    public void Dispose()
    {
        _statements.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public void An_update_Leaves_out_the_columns_that_are_the_same()
    {
        _statements.Insert(Row("first", status: 1));
        var changed = Row("second", status: 2);
        changed.MarkSame(Tables.FlowExecutions.PlaceOf("workflow_id"));

        _statements.Update(changed);

        Assert.Equal("first 2", Stored());
    }

    [Fact]
    public void A_value_Does_not_stay_for_the_next_row_that_has_none()
    {
        _statements.Insert(Row("first", status: 1));
        foreach (var (workflow, status) in new[] { ("second", 2), (null, 3), (null, 4), ("third", 5) })
        {
            _statements.Update(Row(workflow, status));

            Assert.Equal($"{workflow} {status}", Stored());
        }
    }

    [Fact]
    public void Any_number_of_sets_of_columns_Can_be_the_same()
    {
        _statements.Insert(Row("first", status: 1));
        int[] places =
            [.. Tables.FlowExecutions.Columns.Where(column => column.Name is not ("id" or "status")).Select(column => column.Place)];
        for (var set = 0; set < 200; set++)
        {
            var row = Row("first", set);
            foreach (var place in places.Where((_, bit) => (set & (1 << bit)) != 0))
            {
                row.MarkSame(place);
            }

            _statements.Update(row);

            Assert.Equal($"first {set}", Stored());
        }
    }

    private static StoredRow Row(string? workflow, int status)
    {
        var row = new StoredRow(Tables.FlowExecutions);
        row.Values[Tables.FlowExecutions.PlaceOf("id")] = Guid.Empty;
        row.Values[Tables.FlowExecutions.PlaceOf("workflow_id")] = workflow;
        row.Values[Tables.FlowExecutions.PlaceOf("status")] = status;
        return row;
    }

    private object? Stored() => Scalar("SELECT coalesce(workflow_id, '') || ' ' || status FROM flow_executions");

    private object? Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
