namespace TaskGrpc.Server.Filtering;

/// <summary>
/// A text that is the organization's id by default. Most rows have the default, and the column's index leaves them out. For any other
/// value the condition adds that the row's value is not the default, which follows anyway: the planner uses the index only where the query
/// says so.
/// </summary>
internal sealed class OrganizationTextField<T>(string name, string column, Func<T, string?> get) : FilterField<T>(name)
{
    private readonly TextField<T> _text = new(name, column, get);

    public override FilterTest<T> Test(FilterNode.Restriction restriction)
    {
        var test = _text.Test(restriction);
        var isValue = restriction is
        {
            Comparator: FilterToken.Equal or FilterToken.Has,
            Literal: { StartsOpen: false, EndsOpen: false, IsPresence: false }
        };
        return !isValue ? test : test with
        {
            Sql = text =>
                restriction.Literal.Text.Equals(text.Values[0]) ? test.Sql(text) : $"({test.Sql(text)} AND {column} <> organization_id)",
        };
    }
}
