namespace TaskGrpc.Server.Filtering;

/// <summary>A comparison, for the database and for a resource in memory.</summary>
/// <param name="Sql">Writes the condition; it is true or false, never NULL.</param>
/// <param name="Matches">Whether a resource matches.</param>
internal sealed record FilterTest<T>(Func<SqlText, string> Sql, Func<T, bool> Matches);
