using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>Lets `dotnet ef migrations` see the model without starting the server.</summary>
internal sealed class PostgresTaskDbFactory : IDesignTimeDbContextFactory<PostgresTaskDb>
{
    public PostgresTaskDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql("Host=design").Options);
}
