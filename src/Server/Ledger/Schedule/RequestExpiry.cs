using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Removes expired request ids.</summary>
internal sealed class RequestExpiry(CommitLanes lanes, IOptions<StorageOptions> options, TimeProvider time, ILogger<RequestExpiry> logger)
    : Upkeep(lanes, TimeSpan.FromMinutes(1), time, logger)
{
    protected override async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - options.Value.RequestRetention;
        var expired = await RemoveAsync((writer, limit) => writer.ExpireRequests(before, limit), cancellationToken);
        if (expired > 0)
        {
            logger.RequestsExpired(expired);
        }
    }
}
