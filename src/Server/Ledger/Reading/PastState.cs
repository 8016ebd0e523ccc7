using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Computes a resource's state at a past revision.</summary>
internal static class PastState
{
    /// <summary>The state at a revision that the log still contains; null if the resource was created later.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="reader">The store, in the view in which the present state was read.</param>
    /// <param name="id">The resource.</param>
    /// <param name="present">Its present state, and the revision that made it.</param>
    /// <param name="revision">The past revision.</param>
    public static IResource? Of(KindDefinition kind, StoreReader reader, Guid id, (long Revision, byte[] Body) present, long revision)
    {
        if (present.Revision <= revision)
        {
            return kind.Parse(present.Body);
        }

        // The first change after that revision has the old values.
        return reader.FirstChangeAfter(id, revision) is { } change
            ? kind.Before(Change.Parser.ParseFrom(change))
            : throw new InvalidOperationException($"{kind.Name} {id} changed after revision {revision}, but the log does not tell how.");
    }
}
