using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>Lets `dotnet ef migrations` see the model without starting the server.</summary>
internal sealed class SqliteTaskDbFactory : IDesignTimeDbContextFactory<SqliteTaskDb>
{
    public SqliteTaskDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite("Data Source=design.db").Options);
}
