using TaskGrpc.Testing;
using Xunit;

namespace TaskGrpc.Conformance.Tests;

// The suite is written once; here it runs on SQLite.
public sealed class AgentTaskLifecycleOnSqlite(SqliteServer server) : AgentTasks.AgentTaskLifecycleTests(server), IClassFixture<SqliteServer>;

public sealed class AgentTaskApprovalOnSqlite(SqliteServer server) : AgentTasks.AgentTaskApprovalTests(server), IClassFixture<SqliteServer>;
