namespace TaskGrpc.Server.Storage;

/// <summary>A stored resource: its version, the revision and time of its last change, and its message's bytes.</summary>
internal readonly record struct StoredBody(long Version, long Revision, DateTimeOffset ChangedAt, byte[] Body);
