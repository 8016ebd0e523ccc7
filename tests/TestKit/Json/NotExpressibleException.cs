namespace TaskGrpc.TestKit.Json;

/// <summary>A request that has no form over HTTP with JSON, such as one with an empty id in its path.</summary>
public sealed class NotExpressibleException(string message) : Exception(message);
