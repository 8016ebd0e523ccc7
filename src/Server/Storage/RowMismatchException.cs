namespace TaskGrpc.Server.Storage;

/// <summary>A statement of the commit path met no row or several where it must meet one: what the batch believed of the store is not so, and nothing of it may be kept.</summary>
internal sealed class RowMismatchException(string message) : Exception(message);
