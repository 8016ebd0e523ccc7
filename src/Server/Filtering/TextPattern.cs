using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>The text that a comparison looks for, with a star at either end for any text.</summary>
internal sealed class TextPattern
{
    private readonly string _part;
    private readonly string? _search;

    public TextPattern(FilterLiteral literal)
    {
        var text = literal.Text;
        var (from, to) = (literal.StartsOpen ? 1 : 0, literal.EndsOpen && text.Length > 1 ? text.Length - 1 : text.Length);
        _part = text[from..Math.Max(from, to)];
        _search = (literal.StartsOpen, literal.EndsOpen) switch
        {
            (false, false) => null,
            (true, true) => nameof(TextSearch.Contains),
            (true, false) => nameof(TextSearch.EndsWith),
            (false, true) => nameof(TextSearch.StartsWith),
        };
    }

    public bool Matches(string? text) => text is not null && _search switch
    {
        null => string.Equals(text, _part, StringComparison.Ordinal),
        nameof(TextSearch.Contains) => TextSearch.Contains(text, _part),
        nameof(TextSearch.EndsWith) => TextSearch.EndsWith(text, _part),
        _ => TextSearch.StartsWith(text, _part),
    };

    public Expression Expression(Expression text)
    {
        var isPresent = System.Linq.Expressions.Expression.NotEqual(text, System.Linq.Expressions.Expression.Constant(null, text.Type));
        return _search is null ? System.Linq.Expressions.Expression.Equal(text, QueryParameter.Of(_part, typeof(string)))
            : _part.Length == 0 ? isPresent
            : System.Linq.Expressions.Expression.AndAlso(isPresent, System.Linq.Expressions.Expression.Call(typeof(TextSearch), _search, null, text, QueryParameter.Of(_part, typeof(string))));
    }
}
