namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A page of stored rows.</summary>
/// <param name="Bodies">The resources' bytes, in order.</param>
/// <param name="Next">The page token of the next page; empty on the last.</param>
/// <param name="Revision">The revision of the first page.</param>
/// <param name="ResumeToken">The resume token of the first page.</param>
internal sealed record ListedRows(IReadOnlyList<byte[]> Bodies, string Next, long Revision, string ResumeToken);
