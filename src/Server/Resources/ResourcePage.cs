using System.Buffers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The answer of every call that lists resources, whose messages have the same fields under the same numbers. The resources go over
/// the wire as they are stored: nothing here looks into them, so nothing parses them or builds them again.
/// </summary>
internal sealed class ResourcePage(ListedRows rows)
{
    private static readonly uint ResourcesTag = Wire.LengthDelimited(ListAgentTasksResponse.AgentTasksFieldNumber);
    private static readonly uint NextPageTokenTag = Wire.LengthDelimited(ListAgentTasksResponse.NextPageTokenFieldNumber);
    private static readonly uint RevisionTag = Wire.Number(ListAgentTasksResponse.RevisionFieldNumber);
    private static readonly uint ResumeTokenTag = Wire.LengthDelimited(ListAgentTasksResponse.ResumeTokenFieldNumber);

    /// <summary>How it goes over the wire. Only ever written: a server reads no answers.</summary>
    public static Marshaller<ResourcePage> Marshaller { get; } = Marshallers.Create(
        static (page, context) => page.WriteTo(context),
        static ResourcePage (DeserializationContext _) => throw new NotSupportedException("A server reads no pages."));

    private void WriteTo(SerializationContext context)
    {
        context.SetPayloadLength(CalculateSize());
        var buffer = context.GetBufferWriter();
        foreach (var body in rows.Bodies)
        {
            var head = buffer.GetSpan(16);
            buffer.Advance(Wire.Varint(head, Wire.Varint(head, 0, ResourcesTag), (ulong)body.Length));
            buffer.Write(body);
        }

        WriteText(buffer, NextPageTokenTag, rows.Next);
        if (rows.Revision > 0)
        {
            var span = buffer.GetSpan(16);
            buffer.Advance(Wire.Varint(span, Wire.Varint(span, 0, RevisionTag), (ulong)rows.Revision));
        }

        WriteText(buffer, ResumeTokenTag, rows.ResumeToken);
        context.Complete();
    }

    private int CalculateSize()
    {
        var size = SizeOfText(NextPageTokenTag, rows.Next) + SizeOfText(ResumeTokenTag, rows.ResumeToken);
        size += rows.Revision > 0 ? CodedOutputStream.ComputeUInt32Size(RevisionTag) + CodedOutputStream.ComputeInt64Size(rows.Revision) : 0;
        foreach (var body in rows.Bodies)
        {
            size += Wire.SizeOf(ResourcesTag, body.Length);
        }

        return size;
    }

    private static int SizeOfText(uint tag, string token) => token.Length == 0 ? 0 : Wire.SizeOf(tag, token.Length);

    private static void WriteText(IBufferWriter<byte> buffer, uint tag, string token)
    {
        if (token.Length > 0)
        {
            // Tokens are ASCII.
            var span = buffer.GetSpan(16 + token.Length);
            var at = Wire.Varint(span, Wire.Varint(span, 0, tag), (ulong)token.Length);
            buffer.Advance(at + Encoding.ASCII.GetBytes(token, span[at..]));
        }
    }
}
