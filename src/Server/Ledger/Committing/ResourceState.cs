using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A resource as a batch sees it: stored, or changed by an accepted command of the batch.</summary>
/// <param name="Kind">The resource's kind.</param>
/// <param name="Resource">The state. It is shared: never change it in place.</param>
/// <param name="Version">The state's version.</param>
/// <param name="ChangedAt">When the state was written; some kinds do not show it.</param>
internal sealed record ResourceState(KindDefinition Kind, IResource Resource, long Version, Timestamp ChangedAt);
