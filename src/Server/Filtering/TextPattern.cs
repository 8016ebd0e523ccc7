namespace TaskGrpc.Server.Filtering;

/// <summary>The text that a comparison looks for, with a star at either end for any text.</summary>
internal sealed class TextPattern
{
    private readonly string _part;
    private readonly bool _startsOpen;
    private readonly bool _endsOpen;

    public TextPattern(FilterLiteral literal)
    {
        var text = literal.Text;
        var (from, to) = (literal.StartsOpen ? 1 : 0, literal.EndsOpen && text.Length > 1 ? text.Length - 1 : text.Length);
        _part = text[from..Math.Max(from, to)];
        (_startsOpen, _endsOpen) = (literal.StartsOpen, literal.EndsOpen);
    }

    public bool Matches(string? text) => text is not null && (_startsOpen, _endsOpen) switch
    {
        (false, false) => string.Equals(text, _part, StringComparison.Ordinal),
        (true, true) => text.Contains(_part, StringComparison.Ordinal),
        (true, false) => text.EndsWith(_part, StringComparison.Ordinal),
        (false, true) => text.StartsWith(_part, StringComparison.Ordinal),
    };

    public string Sql(SqlText text, SqlOperand own)
    {
        if (_part.Length == 0 && (_startsOpen || _endsOpen))
        {
            return own.IsPresent;
        }

        var part = text.Bind(_part);
        return own.Holds((_startsOpen, _endsOpen) switch
        {
            (false, false) => $"{own.Text} = {part}",
            (true, true) => text.Contains(own.Text, part),
            (true, false) => text.EndsWith(own.Text, part),
            (false, true) => text.StartsWith(own.Text, part),
        });
    }
}
