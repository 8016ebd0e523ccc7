namespace TaskGrpc.Server.Storage;

/// <summary>The text of a failure in one line, without its stack trace.</summary>
internal static class FailureText
{
    /// <summary>The messages of an exception and of its inner exceptions, each once, without a full stop at the end.</summary>
    public static string Of(Exception exception) =>
        string.Join(" ",
            Messages(exception).Select(message => message.ReplaceLineEndings(" ").Trim()).Where(message => message.Length > 0).Distinct())
                .TrimEnd('.');

    private static IEnumerable<string> Messages(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Messages),
        { InnerException: { } inner } => Messages(inner).Prepend(exception.Message),
        _ => [exception.Message],
    };
}
