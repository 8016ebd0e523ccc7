using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// A text that is the organization's id by default. Most rows have the default, and its index leaves them out; what follows anyway for
/// any other value, that the row's is not the default, is said for the planner, which may use the index only where the query says so.
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
