using System.Diagnostics.Metrics;
using TaskGrpc.Server.Calls.Identity;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Logs that connections are refused because too many are open. Kestrel itself warns for each one, so anyone could fill the log. That
/// warning is off; this reads Kestrel's counter instead.
/// </summary>
internal sealed class RefusedConnections : IHostedService, IDisposable
{
    /// <summary>The category of that warning alone.</summary>
    public const string KestrelCategory = "Microsoft.AspNetCore.Server.Kestrel.Connections";

    private const string Meter = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Counter = "kestrel.rejected_connections";

    private readonly MeterListener _listener = new();

    public RefusedConnections(IMeterFactory meters, RefusalLog refusals)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other servers in this process have counters of the same name.
            if (instrument.Name == Counter && instrument.Meter.Name == Meter && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => refusals.TellConnection());
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();
}
