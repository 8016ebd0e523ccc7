using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>For a watch that ends with its resources: which of them are not terminal at the watch's position.</summary>
internal sealed class UnfinishedResources(ChangeSelection selection)
{
    private readonly HashSet<Guid> _unfinished = [];

    public bool IsEmpty => _unfinished.Count == 0;

    /// <summary>Reads the states of the selected resources at a revision.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND: one of the ids is unknown; REVISION_COMPACTED.</exception>
    public void Read(StoreReader reader, long revision)
    {
        using var view = reader.OpenView();
        ChangeFeed.RequireKept(revision, reader.Head());
        foreach (var id in selection.Ids)
        {
            var (kind, stored) = selection.Kinds
                .Select(kind => (kind, Stored: reader.Find(kind.Table, id)))
                .FirstOrDefault(found => found.Stored is not null);
            if (stored is not { } present)
            {
                throw Fault.NotFound(selection.Kinds is [var only] ? only.Name : "resource", id.ToString());
            }

            Note(id, kind, PastState.Of(kind, reader, id, (present.Revision, present.Body), revision));
        }
    }

    /// <summary>Applies a change that the watch has reached.</summary>
    public void Observe(LoggedChange change)
    {
        if (selection.IsOfSelected(change))
        {
            var kind = selection.Kinds.Single(kind => kind.Kind == change.Kind);
            Note(change.ResourceId, kind, kind.After(Change.Parser.ParseFrom(change.Body)));
        }
    }

    private void Note(Guid id, KindDefinition kind, IResource? state)
    {
        if (state is not null && kind.IsTerminal(state))
        {
            _unfinished.Remove(id);
        }
        else
        {
            _unfinished.Add(id);
        }
    }
}
