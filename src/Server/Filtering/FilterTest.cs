using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>One comparison, for the database and for memory.</summary>
/// <param name="Expression">For the database: the condition over a row.</param>
/// <param name="Matches">For a row in memory.</param>
internal sealed record FilterTest<TRow>(Func<ParameterExpression, Expression> Expression, Func<TRow, bool> Matches);
