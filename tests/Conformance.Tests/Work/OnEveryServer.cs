using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Work;

// The suite is written once; here it runs on every database and in-process.
public sealed class ClaimsOnSqlite(SqliteServer server) : ClaimTests(server), IClassFixture<SqliteServer>;

public sealed class ClaimsOnPostgres(PostgresServer server) : ClaimTests(server), IClassFixture<PostgresServer>;

public sealed class ClaimsInProcess(InProcessServer server) : ClaimTests(server), IClassFixture<InProcessServer>;

public sealed class HoldsOnSqlite(SqliteServer server) : HoldTests(server), IClassFixture<SqliteServer>;

public sealed class HoldsOnPostgres(PostgresServer server) : HoldTests(server), IClassFixture<PostgresServer>;

public sealed class HoldsInProcess(InProcessServer server) : HoldTests(server), IClassFixture<InProcessServer>;

public sealed class WaitingClaimsOnSqlite(SqliteServer server) : WaitingClaimTests(server), IClassFixture<SqliteServer>;

public sealed class WaitingClaimsOnPostgres(PostgresServer server) : WaitingClaimTests(server), IClassFixture<PostgresServer>;

public sealed class WaitingClaimsInProcess(InProcessServer server) : WaitingClaimTests(server), IClassFixture<InProcessServer>;
