namespace TaskGrpc.Server.Storage;

/// <summary>The server must not run as it is configured; the message tells the operator what to change.</summary>
internal sealed class RefusedToStartException(string message, Exception? inner = null) : Exception(message, inner);
