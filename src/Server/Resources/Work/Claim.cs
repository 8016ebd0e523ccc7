using Google.Protobuf;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>
/// One ClaimNext. With a brief filter the lane chooses by itself. With another filter, and where the lane has looked at as many rows as it
/// may without a match, candidates are read outside of the lane, and the lane checks them again.
/// </summary>
internal sealed class Claim<T>(
    Workable<T> work, ClaimVerbs<T> verbs, CommitLanes lanes, TaskStore store, ClaimNextRequest request, Filter<T>? filter, Call call)
    where T : class, IMessage<T>, IClaimable, new()
{
    /// <summary>How many candidates are read beyond those that are wanted: other workers claim some of them meanwhile.</summary>
    private const int Spare = 64;

    /// <summary>How often candidates are read again, after other workers have claimed them all.</summary>
    private const int MostTries = 4;

    private bool IsBrief => filter is null || filter.Fields.All(work.BriefFields.Contains);

    /// <summary>Claims what is ready now; whether the answer is final, even if it is empty: it repeats an earlier one.</summary>
    public async Task<(ClaimNextResponse Answer, bool IsFinal)> TryAsync()
    {
        var (answer, isFinal) = await CommitAsync(IsBrief ? null : []);
        for (var tries = 0; filter is not null && !isFinal && answer.Leases.Count == 0 && tries < MostTries; tries++)
        {
            if (await CandidatesAsync() is not { Count: > 0 } candidates)
            {
                break;
            }

            (answer, isFinal) = await CommitAsync(candidates);
        }

        return (answer, isFinal);
    }

    private async Task<(ClaimNextResponse Answer, bool IsFinal)> CommitAsync(IReadOnlyList<Guid>? candidates)
    {
        var command = new LedgerCommand<ClaimNextResponse>(
            call.Caller, request, dryRun: false, unit => verbs.Claim(unit, request, filter, candidates), call.Ended)
        {
            Remember = verbs.Remember,
            Recall = verbs.Recall,
        };
        return (await lanes.CommitAsync(command), command.IsRepeat);
    }

    private async Task<List<Guid>> CandidatesAsync()
    {
        using var rented = await store.RentAsync(call.Caller.OrganizationId, call.Ended);
        var (reader, user) = (rented.Reader, call.Caller.IsUser ? call.Caller.Actor.Id : null);
        return reader.Interruptible(() => reader.Values.Ids(reader.Read(ReadyRows.Matching(
            reader.NewList(), work, user, filter!, request.MaxTasks + Spare))), call.Ended);
    }
}
