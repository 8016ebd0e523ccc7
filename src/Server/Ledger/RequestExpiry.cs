using System.Data.Common;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>Forgets request ids that are past their time, in small batches through the lane, so that no commit waits for a large one.</summary>
internal sealed class RequestExpiry(CommitLane lane, IOptions<StorageOptions> options, TimeProvider time, ILogger<RequestExpiry> logger) : BackgroundService
{
    private const int BatchSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly Caller Self = new("", new Actor { Type = ActorType.System, Id = "system" });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await ExpireAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception exception) when (exception is Fault or DbException)
            {
                // The lane is full or the disk is: the next tick is soon enough, and the lane has said so itself.
            }
        }
    }

    private async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var expired = 0;
        var before = time.GetUtcNow() - options.Value.RequestRetention;
        await lane.CommitAsync(new LedgerCommand<Empty>(Self, request: null, dryRun: false, commit =>
        {
            commit.Effects.Add(writer => expired = writer.ExpireRequests(before, BatchSize));
            return new Empty();
        }, cancellationToken));
        if (expired > 0)
        {
            logger.RequestsExpired(expired);
        }

        return expired;
    }
}
