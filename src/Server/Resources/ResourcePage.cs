using Grpc.Core;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The answer of every call that lists resources, whose messages have the same fields under the same numbers. The resources go over
/// the wire as they are stored: nothing here looks into them, so nothing parses them or builds them again.
/// </summary>
internal sealed class ResourcePage(ListedRows rows)
{
    private static readonly uint ResourcesTag = WireWriter.LengthDelimited(ListAgentTasksResponse.AgentTasksFieldNumber);
    private static readonly uint NextPageTokenTag = WireWriter.LengthDelimited(ListAgentTasksResponse.NextPageTokenFieldNumber);
    private static readonly uint RevisionTag = WireWriter.Number(ListAgentTasksResponse.RevisionFieldNumber);
    private static readonly uint ResumeTokenTag = WireWriter.LengthDelimited(ListAgentTasksResponse.ResumeTokenFieldNumber);

    /// <summary>How it goes over the wire. Only ever written: a server reads no answers.</summary>
    public static Marshaller<ResourcePage> Marshaller { get; } = Marshallers.Create(
        static (page, context) => page.WriteTo(context),
        static ResourcePage (DeserializationContext _) => throw new NotSupportedException("A server reads no pages."));

    private void WriteTo(SerializationContext context)
    {
        context.SetPayloadLength(CalculateSize());
        var writer = new WireWriter(context.GetBufferWriter());
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
        context.Complete();
    }

    private int CalculateSize()
    {
        var size = WireWriter.SizeOf(RevisionTag, rows.Revision) + WireWriter.SizeOf(ResumeTokenTag, rows.ResumeToken.Length);
        size += rows.Next.Length > 0 ? WireWriter.SizeOf(NextPageTokenTag, rows.Next.Length) : 0;
        foreach (var body in rows.Bodies)
        {
            size += WireWriter.SizeOf(ResourcesTag, body.Length);
        }

        return size;
    }
}
