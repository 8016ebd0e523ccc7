using Google.Api;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>A call's route, from its annotation.</summary>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Path">The path, which is also a template of the framework's routing.</param>
/// <param name="Body">The request's field that the body holds; '*' for the whole request, empty for no body.</param>
internal sealed record HttpRoute(string Verb, string Path, string Body)
{
    /// <summary>The body is the whole request.</summary>
    public const string Whole = "*";

    /// <summary>The route of a call; null for a call without one.</summary>
    public static HttpRoute? Of(ServedCall served) => served.Route is not { } rule ? null : rule.PatternCase switch
    {
        HttpRule.PatternOneofCase.Get => new(HttpMethods.Get, rule.Get, rule.Body),
        HttpRule.PatternOneofCase.Post => new(HttpMethods.Post, rule.Post, rule.Body),
        HttpRule.PatternOneofCase.Patch => new(HttpMethods.Patch, rule.Patch, rule.Body),
        HttpRule.PatternOneofCase.Delete => new(HttpMethods.Delete, rule.Delete, rule.Body),
        _ => throw new InvalidOperationException($"The route of {served.Method.FullName} has an unknown verb."),
    };
}
