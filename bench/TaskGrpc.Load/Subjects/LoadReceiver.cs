using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace TaskGrpc.Load.Subjects;

/// <summary>Endpoints in this process that give every webhook the same answer.</summary>
internal sealed class LoadReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _wanted = int.MaxValue;

    private LoadReceiver(WebApplication app, int status)
    {
        _app = app;
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            if (Interlocked.Increment(ref _count) >= Volatile.Read(ref _wanted))
            {
                _reached.TrySetResult();
            }

            return Task.CompletedTask;
        });
    }

    public Uri[] Addresses => [.. _app.Urls.Select(url => new Uri(url + "/hook"))];

    public int Count => Volatile.Read(ref _count);

    public static async Task<LoadReceiver> StartAsync(int endpoints, int status)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            for (var i = 0; i < endpoints; i++)
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            }
        });
        var receiver = new LoadReceiver(builder.Build(), status);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the given number of webhooks has arrived.</summary>
    public Task UntilAsync(int count)
    {
        Volatile.Write(ref _wanted, count);
        return Count >= count ? Task.CompletedTask : _reached.Task;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
