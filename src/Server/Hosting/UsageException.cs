namespace TaskGrpc.Server.Hosting;

/// <summary>The arguments cannot be followed; the message names the argument and what is near to it.</summary>
internal sealed class UsageException(string message) : Exception(message);
