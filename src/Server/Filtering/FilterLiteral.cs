namespace TaskGrpc.Server.Filtering;

/// <summary>The right side of a comparison.</summary>
/// <param name="Text">The text, with its escapes resolved and its stars still on.</param>
/// <param name="IsQuoted">Whether it stood in quotes and so is text, whatever it looks like.</param>
/// <param name="StartsOpen">Whether it begins with a star that stands for any text.</param>
/// <param name="EndsOpen">Whether it ends with one.</param>
/// <param name="Position">Where it begins in the filter.</param>
internal sealed record FilterLiteral(string Text, bool IsQuoted, bool StartsOpen, bool EndsOpen, int Position)
{
    /// <summary>The lone star of 'field:*', which asks for presence.</summary>
    public bool IsPresence => !IsQuoted && Text == "*";
}
