using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.SqliteModel;
using TaskGrpc.Server.Storage.Sqlite;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>The constants that a start uses instead of computing them match the rows' declarations.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly SqliteTaskDb _db = new(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite("Data Source=none.db").Options);

    public void Dispose() => _db.Dispose();

    [Fact]
    public void The_migration_that_a_start_looks_for_Is_the_newest() => Assert.Equal(SqliteStore.NewestMigration, _db.Database.GetMigrations().Last());

    [Fact]
    public void The_compiled_model_Is_what_the_rows_declare()
    {
        Assert.IsType<SqliteTaskDbModel>(_db.Model);
        Assert.Equal(Described(_db.GetService<IDesignTimeModel>().Model), Described(_db.Model));
    }

    [Fact]
    public void The_commit_path_Writes_the_tables_that_the_model_has()
    {
        Assert.Equal(
            _db.Model.GetEntityTypes().Select(entity => Written(
                entity.ClrType,
                entity.GetTableName()!,
                entity.GetProperties().Select(property => property.GetColumnName()),
                entity.FindPrimaryKey()!.Properties.Select(property => property.GetColumnName()),
                entity.GetProperties().Where(property => property.GetAfterSaveBehavior() != PropertySaveBehavior.Save && !property.IsPrimaryKey()).Select(property => property.GetColumnName()))).Order(),
            SqliteTables.All.Select(table => Written(
                table.Row,
                table.Name,
                table.Columns().Select(column => column.Name),
                table.Keys.Select(TableNames.OfColumn),
                table.SetOnce.Select(TableNames.OfColumn))).Order());
    }

    private static string Written(Type row, string table, IEnumerable<string> columns, IEnumerable<string> keys, IEnumerable<string> setOnce) =>
        $"{row.Name} in {table}: {string.Join(", ", columns.Order())}; key {string.Join(", ", keys)}; set once {string.Join(", ", setOnce.Order())}";

    private static IEnumerable<string> Described(IModel model) =>
        from entity in model.GetEntityTypes().OrderBy(entity => entity.Name)
        from line in entity.GetProperties().Select(Described)
            .Concat(entity.GetKeys().Select(key => $"key {Names(key.Properties)} {key.IsPrimaryKey()}"))
            .Concat(entity.GetIndexes().Select(index => $"index {Names(index.Properties)} {index.IsUnique}").Order())
        select $"{entity.ClrType.Name} in {entity.GetTableName()}: {line}";

    private static string Described(IProperty property) =>
        $"{property.PropertyInfo} as {property.GetColumnName()} {property.GetColumnType()} {property.IsNullable} {property.ValueGenerated} {property.GetAfterSaveBehavior()} {property.GetTypeMapping().Converter?.GetType()}";

    private static string Names(IEnumerable<IProperty> properties) => string.Join(", ", properties.Select(property => property.Name));
}
