using System.Diagnostics.Metrics;
using TaskGrpc.Server.Calls.Identity;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Tells the operator that connections are refused because too many are open. Kestrel itself warns once for each, so a stranger could fill
/// the log. That warning is off; Kestrel's counter is read instead.
/// </summary>
internal sealed class RefusedConnections : IHostedService, IDisposable
{
    /// <summary>The category of the warning, which has no other.</summary>
    public const string KestrelCategory = "Microsoft.AspNetCore.Server.Kestrel.Connections";

    private const string Meter = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Counter = "kestrel.rejected_connections";

    private readonly MeterListener _listener = new();

    public RefusedConnections(IMeterFactory meters, RefusalLog refusals)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other servers of this process have counters of the same name.
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
