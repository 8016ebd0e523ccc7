namespace TaskGrpc.Server.Filtering;

/// <summary>The right side of a comparison.</summary>
/// <param name="Text">The text, with its escapes resolved and its stars kept.</param>
/// <param name="IsQuoted">Whether it is in quotes, and so is text even if it looks like a number or a flag.</param>
/// <param name="StartsOpen">Whether it begins with a star that stands for any text.</param>
/// <param name="EndsOpen">Whether it ends with such a star.</param>
/// <param name="Position">Where it begins in the filter.</param>
internal sealed record FilterLiteral(string Text, bool IsQuoted, bool StartsOpen, bool EndsOpen, int Position)
{
    /// <summary>The lone star of 'field:*', which tests for presence.</summary>
    public bool IsPresence => !IsQuoted && Text == "*";
}
