using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

// The suite is written once; here it runs on every database and in-process.
public sealed class QuorumsOnSqlite(SqliteServer server) : QuorumTests(server), IClassFixture<SqliteServer>;

public sealed class QuorumsOnPostgres(PostgresServer server) : QuorumTests(server), IClassFixture<PostgresServer>;

public sealed class QuorumsInProcess(InProcessServer server) : QuorumTests(server), IClassFixture<InProcessServer>;
