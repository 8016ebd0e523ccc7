namespace TaskGrpc.Server.Storage;

/// <summary>The server must not start with this configuration or database. The message says what the operator must change.</summary>
internal sealed class RefusedToStartException(string message, Exception? inner = null) : Exception(message, inner);
