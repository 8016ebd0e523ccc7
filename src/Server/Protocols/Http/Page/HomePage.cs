using TaskGrpc.Server.Calls.Identity;

namespace TaskGrpc.Server.Protocols.Http.Page;

/// <summary>
/// The page at <c>/</c>, which shows the counts, the open tasks and the changes as they happen. A browser's EventSource can send no token,
/// so where callers must prove their identity, the page says how to get in instead.
/// </summary>
internal static class HomePage
{
    private static readonly string[] Verbs = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHomePage(this WebApplication app)
    {
        app.MapMethods("/page.css", Verbs, new PageFile("page.css", "text/css").AnswerAsync);
        app.MapMethods("/page.svg", Verbs, new PageFile("page.svg", "image/svg+xml").AnswerAsync);
        if (app.Configuration.KnowsCallers())
        {
            app.MapMethods("/", Verbs, new PageFile("closed.html", "text/html").AnswerAsync);
        }
        else
        {
            app.MapMethods("/", Verbs, new PageFile("index.html", "text/html").AnswerAsync);
            app.MapMethods("/page.js", Verbs, new PageFile("page.js", "text/javascript").AnswerAsync);
        }
    }
}
