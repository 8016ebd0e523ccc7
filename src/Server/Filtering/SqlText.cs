using System.Globalization;
using System.Text;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// A question to one organization's rows, in the words of one database: its text, and the values that are bound to the places in it. The
/// organization is the value of the first place, and every table comes in with it.
/// </summary>
internal abstract class SqlText
{
    private readonly StringBuilder _text = new();
    private readonly List<object> _values;

    protected SqlText(string organizationId) => _values = [organizationId];

    /// <summary>The values, by their places.</summary>
    public IReadOnlyList<object> Values => _values;

    /// <summary>
    /// The organization's column where another column finds the rows already, in a form that keeps the planner on that one.
    /// </summary>
    protected abstract string FoundOwner { get; }

    public SqlText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds a value's place.</summary>
    public SqlText AddValue(object value) => Add(Bind(value));

    /// <summary>Adds the organization's rows of a table.</summary>
    public SqlText AddRows(string table) => Add($" FROM {table} WHERE organization_id = $1");

    /// <summary>Adds the organization's rows of a table of which a condition that follows finds the few that are wanted.</summary>
    public SqlText AddFoundRows(string table) => Add($" FROM {table} WHERE {FoundOwner} = $1");

    /// <summary>Narrows the rows to those that match a filter and, unless the deleted ones are wanted too, are not deleted.</summary>
    /// <param name="filter">The filter; null for none.</param>
    /// <param name="showDeleted">Whether deleted rows are wanted too.</param>
    public SqlText AddMatching<T>(Filter<T>? filter, bool showDeleted)
    {
        Add(showDeleted ? "" : " AND NOT deleted");
        return filter is null ? this : Add($" AND {filter.Sql(this)}");
    }

    /// <summary>Gives a value a place, and returns the place.</summary>
    public string Bind(object value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
    }

    public override string ToString() => _text.ToString();

    /// <summary>Whether a text starts with a part, by ordinal.</summary>
    public abstract string StartsWith(string text, string part);

    /// <summary>Whether a text ends with a part, by ordinal.</summary>
    public abstract string EndsWith(string text, string part);

    /// <summary>Whether a text contains a part, by ordinal.</summary>
    public abstract string Contains(string text, string part);

    /// <summary>The text to which a path leads in JSON, ordered by its bytes; NULL if there is no text.</summary>
    public abstract string JsonText(string json, string path);

    /// <summary>The number to which a path leads in JSON, as a double; NULL if there is no number.</summary>
    public abstract string JsonNumber(string json, string path);

    /// <summary>The flag to which a path leads in JSON; NULL if there is no flag.</summary>
    public abstract string JsonFlag(string json, string path);

    /// <summary>The type of what a path leads to in JSON, which is 'null' for null; NULL if it leads nowhere.</summary>
    public abstract string JsonType(string json, string path);
}
