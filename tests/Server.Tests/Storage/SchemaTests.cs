using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Storage.Postgres;
using TaskGrpc.Server.Storage.Schema;
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
        Assert.Equal(Tables.NewestInSqlite, _sqlite.Database.GetMigrations().Last());
        Assert.Equal(Tables.NewestInPostgres, _postgres.Database.GetMigrations().Last());
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
    public void Every_kind_of_the_contract_Has_its_row_and_its_table()
    {
        Assert.Equal(
            Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.Unspecified), Kinds.All.Select(kind => kind.Kind).Order());
        Assert.Equal(
            Change.Descriptor.Oneofs.Single(oneof => oneof.Name == "resource").Fields.Select(field => field.MessageType.Name).Order(),
            Kinds.All.Select(kind => kind.Name).Order());
        Assert.Equal(Tables.Resources.Select(table => table.Name).Order(), Kinds.All.Select(kind => kind.Table.Name).Order());
    }

    [Fact]
    public void Every_kind_Gives_each_column_of_its_table_a_value_of_its_type()
    {
        string[] ledgers = ["version", "revision", "updated_at", "deleted", "body"];
        foreach (var kind in Kinds.All)
        {
            Assert.Equal(kind.OwnColumns.Count(), kind.OwnColumns.Distinct().Count());
            Assert.Equal(kind.Table.Columns.Select(column => column.Name).Order(), kind.OwnColumns.Union(ledgers).Order());
            var row = kind.ToRow(Filled(kind.New()), 1, 1, DateTimeOffset.UnixEpoch);
            // A resource with a lease is ready for nobody.
            Assert.All(kind.Table.Columns.Where(column => column.Name != "ready_for"),
                column => Assert.IsType(column.Type, row.Values[column.Place]));
        }
    }

    [Fact]
    public void A_column_that_an_update_may_leave_out_Has_the_same_value_in_both_states()
    {
        foreach (var kind in Kinds.All)
        {
            var (stored, now) = (Filled(kind.New()), Filled(kind.New()));
            foreach (var isMoved in new[] { false, true })
            {
                kind.Descriptor.FindFieldByName("status").Accessor.SetValue(now, isMoved ? 1 : 0);
                var (before, row) = (kind.ToRow(stored, 1, 1, DateTimeOffset.UnixEpoch), kind.ToRow(now, 2, 2, DateTimeOffset.UnixEpoch));
                kind.MarkSame(row, stored);
                var same = kind.Table.Columns.Where(column => (row.Same & StoredRow.Bit(column.Place)) != 0).ToArray();

                Assert.All(same, column => Assert.Equal(before.Values[column.Place], row.Values[column.Place]));
                Assert.Equal(!isMoved, same.Any(column => column.Name == "status"));
                Assert.Contains(same, column => column.Name == "organization_id");
                // What moves with each change, and what settings decide, is always written.
                Assert.Empty(same.Select(column => column.Name).Intersect(["version", "revision", "body", "ready_for"]));
            }
        }
    }

    /// <summary>A resource with every field set.</summary>
    private static IResource Filled(IResource resource)
    {
        Fill(resource, 2);
        return resource;

        static void Fill(IMessage message, int depth)
        {
            foreach (var field in message.Descriptor.Fields.InFieldNumberOrder()
                .Where(field => !field.IsRepeated && field.ContainingOneof is not { IsSynthetic: false }))
            {
                if (field.FieldType == FieldType.String)
                {
                    field.Accessor.SetValue(message, Guid.Empty.ToString());
                }
                else if (field.FieldType != FieldType.Message)
                {
                    field.Accessor.SetValue(message, field.Accessor.GetValue(message));
                }
                else if (depth > 0)
                {
                    var inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                    Fill(inner, depth - 1);
                    field.Accessor.SetValue(message, inner);
                }
            }
        }
    }
}
