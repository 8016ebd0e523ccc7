namespace TaskGrpc.Server.Storage;

/// <summary>The head of an organization's log.</summary>
/// <param name="Revision">The last revision; 0 before the first change.</param>
/// <param name="CompactedRevision">The log no longer has the changes up to this revision.</param>
/// <param name="Epoch">The history that the revisions belong to; before the first change it is the store's epoch.</param>
internal readonly record struct LogHead(long Revision, long CompactedRevision, Guid Epoch);
