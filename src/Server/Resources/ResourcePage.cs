using System.Buffers;
using Google.Protobuf;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The answer of every call that lists resources; all their messages have the same fields under the same numbers. The resources' stored
/// bytes go over the wire unparsed.
/// </summary>
internal sealed class ResourcePage<TResponse>(ListedRows rows) : StoredAnswer<TResponse>
    where TResponse : class, IMessage<TResponse>, new()
{
    private static readonly uint ResourcesTag = WireWriter.LengthDelimited(ListAgentTasksResponse.AgentTasksFieldNumber);
    private static readonly uint NextPageTokenTag = WireWriter.LengthDelimited(ListAgentTasksResponse.NextPageTokenFieldNumber);
    private static readonly uint RevisionTag = WireWriter.Number(ListAgentTasksResponse.RevisionFieldNumber);
    private static readonly uint ResumeTokenTag = WireWriter.LengthDelimited(ListAgentTasksResponse.ResumeTokenFieldNumber);

    public override int CalculateSize()
    {
        var size = WireWriter.SizeOf(RevisionTag, rows.Revision) + WireWriter.SizeOf(ResumeTokenTag, rows.ResumeToken.Length);
        size += rows.Next.Length > 0 ? WireWriter.SizeOf(NextPageTokenTag, rows.Next.Length) : 0;
        foreach (var body in rows.Bodies)
        {
            size += WireWriter.SizeOf(ResourcesTag, body.Length);
        }

        return size;
    }

    public override void WriteTo(IBufferWriter<byte> buffer)
    {
        var writer = new WireWriter(buffer);
        foreach (var body in rows.Bodies)
        {
            writer.Bytes(ResourcesTag, body);
        }

        if (rows.Next.Length > 0)
        {
            writer.Ascii(NextPageTokenTag, rows.Next);
        }

        writer.Number(RevisionTag, rows.Revision);
        writer.Ascii(ResumeTokenTag, rows.ResumeToken);
        writer.Complete();
    }
}
