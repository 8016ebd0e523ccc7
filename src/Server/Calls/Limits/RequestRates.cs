using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>Refuses calls above an organization's rate, which is lower while other organizations call.</summary>
internal sealed class RequestRates : IDisposable
{
    private readonly PartitionedRateLimiter<string>? _alone;
    private readonly PartitionedRateLimiter<string>? _beside;
    private readonly Neighbours _neighbours;

    public RequestRates(IOptions<LimitOptions> options, TimeProvider time)
    {
        _neighbours = new Neighbours(time);
        _alone = Limiter(options.Value.RequestsPerSecond);
        _beside = Limiter(options.Value.RequestsPerSecondBesideOthers);
    }

    /// <exception cref="Fault">RATE_LIMITED.</exception>
    public void Take(string organizationId)
    {
        Take(_alone, organizationId);
        if (_beside is not null && _neighbours.Note(organizationId))
        {
            Take(_beside, organizationId);
        }
    }

    public void Dispose()
    {
        _alone?.Dispose();
        _beside?.Dispose();
    }

    private static PartitionedRateLimiter<string>? Limiter(int most) =>
        // The limiter itself forgets idle organizations.
        most == 0 ? null
            : PartitionedRateLimiter.Create<string, string>(organization =>
                RateLimitPartition.Get(organization, _ => new OrganizationRate(most)));

    private static void Take(PartitionedRateLimiter<string>? rates, string organizationId)
    {
        using var lease = rates?.AttemptAcquire(organizationId);
        if (lease is { IsAcquired: false })
        {
            throw new Fault(
                ErrorReason.RateLimited,
                "Your organization exceeds its call rate, and nothing was done. "
                + "Retry after the delay in RetryInfo, or send several items in one batch call.")
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var delay) ? delay : TimeSpan.FromSeconds(1),
            };
        }
    }
}
