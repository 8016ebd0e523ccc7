using Google.Protobuf;

namespace TaskGrpc.TestKit.Filters;

/// <summary>A filter as text, and its meaning computed on the message. Tests compare the server's SQL and its delegate with it.</summary>
public sealed record FilterModel(string Text, Func<IMessage, bool> Matches)
{
    public static FilterModel All(FilterModel one, FilterModel other) =>
        new($"({one.Text}) AND ({other.Text})", task => one.Matches(task) && other.Matches(task));

    public static FilterModel Any(FilterModel one, FilterModel other) =>
        new($"({one.Text}) OR ({other.Text})", task => one.Matches(task) || other.Matches(task));

    /// <summary>Without parentheses; OR binds tighter than AND.</summary>
    public static FilterModel Mixed(FilterModel one, FilterModel two, FilterModel three) =>
        new($"{one.Text} AND {two.Text} OR {three.Text}", task => one.Matches(task) && (two.Matches(task) || three.Matches(task)));

    public static FilterModel Not(FilterModel part) => new($"NOT ({part.Text})", task => !part.Matches(task));

    public static FilterModel Minus(FilterModel part) => new($"-({part.Text})", task => !part.Matches(task));

    public override string ToString() => Text;
}
