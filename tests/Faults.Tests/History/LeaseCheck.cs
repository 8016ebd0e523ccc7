using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Checks the leases in the log, and what the workers received and wrote with them: L1, L2, L3, L4.</summary>
internal sealed class LeaseCheck(GroundTruth truth, IReadOnlyList<HistoryEntry> history)
{
    private readonly Dictionary<string, IClaimable> _states = [];
    private readonly Dictionary<(string Id, long LeaseRevision), LoggedLease> _leases = [];

    /// <summary>Which lease the resource had before the change that gave it an etag; 0 for none.</summary>
    private readonly Dictionary<(string Id, string Etag), long> _heldBefore = [];

    public IEnumerable<string> Run() =>
        [.. truth.Log.SelectMany(Follow), .. Claims(), .. Writes(), .. history.OfType<DrainedEntry>().Take(1).SelectMany(_ => Lost())];

    /// <summary>Follows one resource by one change.</summary>
    private List<string> Follow(Change change)
    {
        var found = new List<string>();
        if (ChangedResource.After(change) is not IClaimable after)
        {
            return found;
        }

        _states.TryGetValue(after.Id, out var before);
        var (had, has) = (before?.Lease, after.Lease);
        if (had is not null && has is not null && had.LeaseRevision != has.LeaseRevision)
        {
            found.Add(Of("L1", after, $"was claimed at {change.Revision} while the lease of {had.LeaseRevision} stood"));
        }

        if (has is not null && had?.LeaseRevision != has.LeaseRevision)
        {
            if (has.LeaseRevision != change.Revision || after.ClaimCount != (before?.ClaimCount ?? 0) + 1)
            {
                found.Add(Of("L1", after, $"has a claim at {change.Revision} with another lease_revision or claim_count"));
            }

            _leases[(after.Id, has.LeaseRevision)] = new LoggedLease(has.Worker);
        }

        if (had is not null && had.LeaseRevision != has?.LeaseRevision)
        {
            _leases[(after.Id, had.LeaseRevision)] = _leases[(after.Id, had.LeaseRevision)] with { End = change.Revision };
            var expiries = after.ExpiredLeases - before!.ExpiredLeases;
            if (change.Actor?.Type == ActorType.System && expiries != 1)
            {
                found.Add(Of("L3", after, $"had a lease that expired at {change.Revision} and was counted {expiries} times"));
            }
        }

        if (after is AgentTask { Status: AgentTaskStatus.Completed } && before is not AgentTask { Status: AgentTaskStatus.Completed }
            && had is not null && change.Actor?.Type is ActorType.Agent or ActorType.Service && change.Actor.Id != had!.Holder.Id)
        {
            found.Add(Of("L4", after, $"was finished by '{change.Actor.Id}' while '{had.Holder.Id}' held it"));
        }

        if (before is AgentTask { Status: AgentTaskStatus.Completed } && after is AgentTask { Status: not AgentTaskStatus.Completed })
        {
            found.Add(Of("L4", after, $"was finished and begun again at {change.Revision}"));
        }

        _heldBefore[(after.Id, after.Etag)] = had?.LeaseRevision ?? 0;
        _states[after.Id] = after;
        return found;
    }

    /// <summary>Compares the leases that workers received with those of the log.</summary>
    private IEnumerable<string> Claims()
    {
        var told = history.OfType<ClaimEntry>().ToList();
        foreach (var claim in told.Where(claim => _leases.GetValueOrDefault((claim.Id, claim.LeaseRevision))?.Worker != claim.Worker))
        {
            yield return Of("L1", claim.Id, $"was given to '{claim.Worker}' at {claim.LeaseRevision}, and the log does not have that");
        }

        foreach (var lease in told.GroupBy(claim => (claim.Id, claim.LeaseRevision)))
        {
            if (lease.Select(claim => (claim.Token, claim.Worker)).Distinct().Count() > 1)
            {
                yield return Of("L1", lease.Key.Id, $"has several holders at {lease.Key.LeaseRevision}");
            }
        }

        foreach (var token in told.GroupBy(claim => claim.Token).Where(token => token.Distinct().Count() > 1))
        {
            yield return Of("L1", token.First().Id, "has a token of several leases");
        }
    }

    /// <summary>Compares each write with the lease of its token.</summary>
    private IEnumerable<string> Writes()
    {
        var tokens = history.OfType<ClaimEntry>().DistinctBy(claim => claim.Token)
            .ToDictionary(claim => claim.Token, claim => claim.LeaseRevision);
        foreach (var write in history.OfType<HeldWriteEntry>())
        {
            var revision = tokens[write.Token];
            if (write.Outcome == CallOutcome.Acknowledged)
            {
                if (!_heldBefore.TryGetValue((write.Id, write.Etag), out var held))
                {
                    yield return Of("D1", write.Id, "has an acknowledged write that the log does not have");
                }
                else if (held != revision)
                {
                    yield return Of("L2", write.Id, $"has an accepted write of the lease of {revision}, which had ended");
                }
            }
            else if (_leases.GetValueOrDefault((write.Id, revision)) is { } lease && (lease.End == 0 || lease.End > write.Head))
            {
                yield return Of("L2", write.Id, $"has a refused write of the lease of {revision}, which stood at {write.Head}");
            }
        }
    }

    /// <summary>Looks for work whose worker is gone and that nobody has taken again.</summary>
    private IEnumerable<string> Lost() => _states.Values.OfType<AgentTask>()
        .Where(task => task.Status is AgentTaskStatus.Queued or AgentTaskStatus.Planning or AgentTaskStatus.Executing)
        .Select(task => Of("L3", task, "is not finished, and all workers found nothing to do"));

    private string Of(string invariant, IClaimable resource, string what) => Of(invariant, resource.Id, what);

    private string Of(string invariant, string id, string what) => $"{invariant} {truth.Organization}: {id} {what}";

    /// <param name="Worker">The worker that claimed.</param>
    /// <param name="End">The revision that ended the lease; 0 while it stands.</param>
    private sealed record LoggedLease(string Worker, long End = 0);
}
