using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// A text whose default is the organization's id. Most rows have the default, and the index leaves them out. A query for another value
/// also says that the column is not the default. Its rows imply that, but the planner uses the index only if the query says it.
/// </summary>
internal sealed class OrganizationTextField<TRow>(string name, Expression<Func<TRow, string?>> column, Expression<Func<TRow, string>> organization) : FilterField<TRow>(name)
{
    private readonly TextField<TRow> _text = new(name, column);

    public override FilterTest<TRow> Test(FilterNode.Restriction restriction) => _text.Test(restriction);

    public override FilterTest<TRow> Test(FilterNode.Restriction restriction, string? organizationId)
    {
        var test = Test(restriction);
        var isValue = restriction is { Comparator: FilterToken.Equal or FilterToken.Has, Literal: { StartsOpen: false, EndsOpen: false, IsPresence: false } };
        return isValue && organizationId is not null && restriction.Literal.Text != organizationId
            ? test with { Expression = row => Expression.AndAlso(test.Expression(row), Expression.NotEqual(ColumnExpression.Of(column, row), ColumnExpression.Of(organization, row))) }
            : test;
    }
}
