namespace TaskGrpc.Server.Storage;

/// <summary>A stored resource: its version and its message's bytes.</summary>
internal readonly record struct StoredBody(long Version, byte[] Body);
