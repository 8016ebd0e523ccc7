namespace TaskGrpc.Client;

/// <summary>Why the worker itself fails a piece of work, although its handler has not.</summary>
internal sealed class WorkException(string message) : Exception(message);
