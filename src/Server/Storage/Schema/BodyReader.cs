namespace TaskGrpc.Server.Storage.Schema;

/// <summary>Reads fields out of stored bodies for a migration that makes a field filterable. Storage itself cannot parse a body.</summary>
/// <param name="AgentTaskMetadata">An agent task's metadata as JSON text; null if it has none.</param>
internal sealed record BodyReader(Func<byte[], string?> AgentTaskMetadata);
