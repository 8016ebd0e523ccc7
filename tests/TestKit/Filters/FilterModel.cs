using Google.Protobuf;

namespace TaskGrpc.TestKit.Filters;

/// <summary>A filter with its text and, beside it, its meaning worked out plainly on the message itself: what the server's two forms are held against.</summary>
public sealed record FilterModel(string Text, Func<IMessage, bool> Matches)
{
    public static FilterModel All(FilterModel one, FilterModel other) => new($"({one.Text}) AND ({other.Text})", task => one.Matches(task) && other.Matches(task));

    public static FilterModel Any(FilterModel one, FilterModel other) => new($"({one.Text}) OR ({other.Text})", task => one.Matches(task) || other.Matches(task));

    /// <summary>Without parentheses, where OR binds tighter.</summary>
    public static FilterModel Mixed(FilterModel one, FilterModel two, FilterModel three) =>
        new($"{one.Text} AND {two.Text} OR {three.Text}", task => one.Matches(task) && (two.Matches(task) || three.Matches(task)));

    public static FilterModel Not(FilterModel part) => new($"NOT ({part.Text})", task => !part.Matches(task));

    public static FilterModel Minus(FilterModel part) => new($"-({part.Text})", task => !part.Matches(task));

    public override string ToString() => Text;
}
