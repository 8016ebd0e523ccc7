namespace TaskGrpc.Server.Storage;

/// <summary>A statement of the commit path did not change exactly one row, so the batch's view of the store is wrong.</summary>
internal sealed class RowMismatchException(string message) : Exception(message);
