using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.Server.Storage.Postgres;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>What is declared of the schema in more than one place is the same in each.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly SqliteTaskDb _sqlite = new(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite("Data Source=none.db").Options);
    private readonly PostgresTaskDb _postgres = new(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql("Host=none").Options);

    public void Dispose()
    {
        _sqlite.Dispose();
        _postgres.Dispose();
    }

    [Fact]
    public void The_migration_that_a_start_looks_for_Is_the_newest()
    {
        Assert.Equal(SqliteStore.NewestMigration, _sqlite.Database.GetMigrations().Last());
        Assert.Equal(PostgresStore.NewestMigration, _postgres.Database.GetMigrations().Last());
    }

    /// <summary>The types of columns that statements name are those that the migrations made.</summary>
    [Fact]
    public void A_statement_of_PostgreSQL_Names_the_types_that_the_columns_have()
    {
        foreach (var table in Tables.All)
        {
            var entity = _postgres.Model.FindEntityType(table.Row)!;
            foreach (var column in table.Postgres.Columns)
            {
                Assert.Equal(entity.FindProperty(column.Property)!.GetColumnType(), PostgresColumn.Of(table, column).Type);
            }
        }
    }

    [Fact]
    public void Every_kind_Gives_each_column_of_its_table_a_value_of_its_type()
    {
        Check(new AgentTaskKind(), new AgentTask { CreatedAt = new(), UpdatedAt = new() });
        Check(new BoardTaskKind(), new BoardTask { CreatedAt = new(), UpdatedAt = new() });
        Check(new MonitorTaskKind(), new MonitorTask { CreatedAt = new(), Delivery = new() });
        Check(new DeliveryKind(), new Delivery { CreatedAt = new(), UpdatedAt = new(), Target = new(), TaskId = Guid.Empty.ToString() });
        Check(new FlowExecutionKind(), new FlowExecution { CreatedAt = new(), UpdatedAt = new() });
        Check(new TaskExecutionKind(), new TaskExecution { CreatedAt = new(), UpdatedAt = new(), FlowExecutionId = Guid.Empty.ToString() });

        static void Check<T>(KindDefinition<T> kind, T resource)
            where T : class, Google.Protobuf.IMessage<T>, IResource, new()
        {
            string[] ledgers = ["version", "revision", "updated_at", "deleted", "body"];
            var declared = kind.Columns.Values.Select(column => column.Column).ToList();
            Assert.Equal(declared.Count, declared.Distinct().Count());
            Assert.Equal(kind.Table.Columns.Select(column => column.Name).Order(), declared.Union(ledgers).Order());
            resource.Id = Guid.Empty.ToString();
            var row = kind.ToRow(resource, 1, 1, DateTimeOffset.UnixEpoch);
            Assert.All(kind.Table.Columns, column =>
            {
                if (row.Values[column.Place] is { } value)
                {
                    Assert.IsType(column.Type, value);
                }
                else
                {
                    Assert.True(column.IsOptional || column.Type == typeof(string), $"{kind.Name}: {column.Name} has no value.");
                }
            });
        }
    }
}
