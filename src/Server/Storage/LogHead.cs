namespace TaskGrpc.Server.Storage;

/// <summary>Where an organization's log stands.</summary>
/// <param name="Revision">The last revision taken; 0 before the first change.</param>
/// <param name="CompactedRevision">Changes up to here are no longer kept.</param>
/// <param name="Epoch">The history to which the revisions belong; before the first change the store's own.</param>
internal readonly record struct LogHead(long Revision, long CompactedRevision, Guid Epoch);
