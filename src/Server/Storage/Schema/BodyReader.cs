namespace TaskGrpc.Server.Storage.Schema;

/// <summary>What a migration must read out of stored bodies, which mean nothing to this room: the columns of a field that became filterable later.</summary>
/// <param name="AgentTaskMetadata">An agent task's metadata as JSON text; null if it has none.</param>
internal sealed record BodyReader(Func<byte[], string?> AgentTaskMetadata);
