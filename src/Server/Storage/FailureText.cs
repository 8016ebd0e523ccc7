namespace TaskGrpc.Server.Storage;

/// <summary>A failure in one line, without its stack.</summary>
internal static class FailureText
{
    /// <summary>The messages of an exception and of what caused it, each once, without a stop at the end.</summary>
    public static string Of(Exception exception) =>
        string.Join(" ", Messages(exception).Select(message => message.ReplaceLineEndings(" ").Trim()).Where(message => message.Length > 0).Distinct()).TrimEnd('.');

    private static IEnumerable<string> Messages(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Messages),
        { InnerException: { } inner } => Messages(inner).Prepend(exception.Message),
        _ => [exception.Message],
    };
}
