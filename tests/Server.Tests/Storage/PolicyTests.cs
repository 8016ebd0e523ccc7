using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Every table with an organization's rows has a row security policy, from a migration that names the table.</summary>
public sealed partial class PolicyTests
{
    [Fact]
    public async Task Every_table_with_an_organization_Has_its_policy_on_a_migrated_database()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        var tables = await NamesAsync(
            """
            SELECT string_agg(DISTINCT table_name::text, ',') FROM information_schema.columns
            WHERE table_schema = 'public' AND (column_name = 'organization_id' OR table_name = 'organizations')
            """);
        Assert.Equal(Tables.All.Select(table => table.Name).Order(), tables);
        Assert.Equal(tables,
            await NamesAsync(
                "SELECT string_agg(tablename::text, ',') FROM pg_policies WHERE policyname = 'own_organization' AND qual LIKE "
                + "'%taskgrpc.organization%'"));

        async Task<IEnumerable<string>> NamesAsync(string sql) =>
            ((string)(await cluster.ExecuteAsync(sql, database))!).Split(',').Order();
    }

    [Fact]
    public void A_migration_Secures_the_tables_that_are_there_when_it_runs_and_no_later_ones()
    {
        using var db = new PostgresTaskDb(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql("Host=none").Options);
        var migrations = db.GetService<IMigrationsAssembly>();
        var (made, secured) = (new HashSet<string>(), new HashSet<string>());
        foreach (var migration in migrations.Migrations.Values)
        {
            var operations = migrations.CreateMigration(migration, db.Database.ProviderName!).UpOperations;
            made.UnionWith(operations.OfType<CreateTableOperation>().Select(table => table.Name));
            var policies = operations.OfType<SqlOperation>().Select(operation => Policy().Match(operation.Sql))
                .Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
            Assert.Subset(made, policies.ToHashSet());
            Assert.DoesNotContain(policies, secured.Contains);
            secured.UnionWith(policies);
            // A table takes its policy with it.
            secured.ExceptWith(operations.OfType<DropTableOperation>().Select(table => table.Name));
            if (migration.Name.EndsWith("Initial", StringComparison.Ordinal))
            {
                // Fixed: a table that the list gains later gets its policy from the migration that creates it.
                Assert.Equal(12, policies.Count);
            }
        }

        Assert.Equal(Tables.All.Select(table => table.Name).Order(), secured.Order());
    }

    [GeneratedRegex("^CREATE POLICY own_organization ON ([a-z_]+) ")]
    private static partial Regex Policy();
}
