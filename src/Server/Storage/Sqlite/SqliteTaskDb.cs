using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The store on SQLite. UUIDs are 16 bytes in the order of their text, moments are integers: microseconds, UTC.</summary>
internal sealed class SqliteTaskDb(DbContextOptions<SqliteTaskDb> options) : TaskDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytes>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MomentToMicroseconds>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        SqliteSearch.Map(modelBuilder);
        // SQLite numbers a plain rowid by itself; AUTOINCREMENT would write to a second table with every insert.
        modelBuilder.Entity<ChangeRow>().Property(row => row.Sequence).ValueGeneratedNever();
        modelBuilder.Entity<RequestRow>().Property(row => row.Sequence).ValueGeneratedNever();
    }

    // Big-endian, because the little-endian layout of Guid would scatter UUIDv7's order of time.
    private sealed class GuidToBytes() : ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true),
        bytes => new Guid(bytes, true));

    private sealed class MomentToMicroseconds() : ValueConverter<DateTimeOffset, long>(
        moment => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        microseconds => new DateTimeOffset(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero));
}
