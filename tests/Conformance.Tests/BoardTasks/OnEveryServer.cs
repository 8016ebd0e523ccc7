using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

// The suite is written once; here it runs on every database and in-process.
public sealed class BlockersOnSqlite(SqliteServer server) : BlockerTests(server), IClassFixture<SqliteServer>;

public sealed class BlockersOnPostgres(PostgresServer server) : BlockerTests(server), IClassFixture<PostgresServer>;

public sealed class BlockersInProcess(InProcessServer server) : BlockerTests(server), IClassFixture<InProcessServer>;

public sealed class BlockedWorkOnSqlite(SqliteServer server) : BlockedWorkTests(server), IClassFixture<SqliteServer>;

public sealed class BlockedWorkOnPostgres(PostgresServer server) : BlockedWorkTests(server), IClassFixture<PostgresServer>;

public sealed class BlockedWorkInProcess(InProcessServer server) : BlockedWorkTests(server), IClassFixture<InProcessServer>;

public sealed class BlockerGraphOnSqlite(SqliteServer server) : BlockerGraphTests(server), IClassFixture<SqliteServer>;

public sealed class BlockerGraphOnPostgres(PostgresServer server) : BlockerGraphTests(server), IClassFixture<PostgresServer>;

public sealed class BlockerGraphInProcess(InProcessServer server) : BlockerGraphTests(server), IClassFixture<InProcessServer>;

public sealed class BlockerLimitsOnSqlite(SqliteServer server) : BlockerLimitTests(server), IClassFixture<SqliteServer>;

public sealed class BlockerLimitsOnPostgres(PostgresServer server) : BlockerLimitTests(server), IClassFixture<PostgresServer>;

public sealed class BlockerLimitsInProcess(InProcessServer server) : BlockerLimitTests(server), IClassFixture<InProcessServer>;
