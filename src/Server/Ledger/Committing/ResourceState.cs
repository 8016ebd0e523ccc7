using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A resource as a batch sees it: stored, or changed by a command that the batch has accepted.</summary>
/// <param name="Kind">The resource's kind.</param>
/// <param name="Resource">The state; never changed in place, so that it can be shared.</param>
/// <param name="Version">The state's version.</param>
/// <param name="ChangedAt">When the state came to be; not every kind shows it.</param>
internal sealed record ResourceState(KindDefinition Kind, IResource Resource, long Version, Timestamp ChangedAt);
