using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace TaskGrpc.TestKit;

/// <summary>A real HTTP server on loopback that receives webhooks and answers as the test says.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly Channel<ReceivedWebhook> _received = Channel.CreateUnbounded<ReceivedWebhook>();

    private WebhookReceiver(WebApplication app, Func<HttpContext, ReceivedWebhook, Task> answer)
    {
        _app = app;
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var webhook = new ReceivedWebhook(context.Request.Path,
                context.Request.Headers.ToDictionary(
                    header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
            All.Enqueue(webhook);
            _received.Writer.TryWrite(webhook);
            await answer(context, webhook);
        });
    }

    /// <summary>All webhooks so far, in order.</summary>
    public ConcurrentQueue<ReceivedWebhook> All { get; } = [];

    public Uri Address => new(_app.Urls.Single() + "/hook");

    /// <summary>Starts a receiver that answers 204, or what the test answers.</summary>
    /// <param name="answer">Answers a webhook; null for 204.</param>
    /// <param name="address">The address to listen on; by default a free loopback port.</param>
    public static async Task<WebhookReceiver> StartAsync(
        Func<HttpContext, ReceivedWebhook, Task>? answer = null, string address = "http://127.0.0.1:0")
    {
        // Empty: this folder also contains the real server's settings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        var app = builder.Build();
        var receiver = new WebhookReceiver(app, answer ?? (static (context, _) => Answer(context, 204)));
        await app.StartAsync();
        return receiver;
    }

    public static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    public async Task<ReceivedWebhook> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A webhook as received.</summary>
public sealed record ReceivedWebhook(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);
