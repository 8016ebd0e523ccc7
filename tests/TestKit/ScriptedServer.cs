using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace TaskGrpc.TestKit;

/// <summary>
/// An HTTP/2 server in this process that answers gRPC calls as the test says. It gives answers that proxies give and the real server never
/// gives.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private ScriptedServer(WebApplication app, Func<HttpContext, int, Task> answer)
    {
        _app = app;
        app.Run(context =>
        {
            context.Response.ContentType = "application/grpc";
            return answer(context, Interlocked.Increment(ref _calls));
        });
    }

    public Uri Address => new(_app.Urls.Single());

    public int Calls => Volatile.Read(ref _calls);

    /// <param name="answer">Answers a call; it gets the number of the call, from 1.</param>
    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        // Empty: this folder also contains the real server's settings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        var server = new ScriptedServer(builder.Build(), answer);
        await server._app.StartAsync();
        return server;
    }

    public static async Task SendAsync(HttpContext call, IMessage message)
    {
        var bytes = message.ToByteArray();
        var head = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), bytes.Length);
        await call.Response.Body.WriteAsync((byte[])[.. head, .. bytes]);
        await call.Response.Body.FlushAsync();
    }

    public static async Task<byte[]> ReadAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    public static Task EndAsync(HttpContext call, StatusCode code, string message = "", string? details = null)
    {
        var isBegun = call.Response.HasStarted;
        void Append(string name, string value)
        {
            if (isBegun)
            {
                call.Response.AppendTrailer(name, value);
            }
            else
            {
                call.Response.Headers.Append(name, value);
            }
        }

        Append("grpc-status", ((int)code).ToString(CultureInfo.InvariantCulture));
        Append("grpc-message", Uri.EscapeDataString(message));
        if (details is not null)
        {
            Append("grpc-status-details-bin", details);
        }

        return Task.CompletedTask;
    }

    /// <summary>Waits without an answer until the caller disconnects.</summary>
    public static async Task HangAsync(HttpContext call)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = call.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
