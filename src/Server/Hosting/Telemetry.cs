using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Exports metrics and traces by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set; dotnet-counters reads the meter without it.
/// </summary>
internal static class Telemetry
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService("taskgrpc"))
                .WithMetrics(metrics =>
                    metrics.AddMeter(LedgerMetrics.MeterName).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation())
                .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation())
                .UseOtlpExporter();
        }

        return services;
    }
}
