namespace TaskGrpc.Server.Hosting;

/// <summary>Wrong arguments; the message names the argument and a similar known one.</summary>
internal sealed class UsageException(string message) : Exception(message);
