using System.Buffers;
using Grpc.Core;

namespace TaskGrpc.Server.Resources;

/// <summary>A resource as it is stored, on its way to a caller who asked for just that: nothing here looks into it.</summary>
internal sealed class StoredResource(byte[] body)
{
    /// <summary>How it goes over the wire. Only ever written: a server reads no answers.</summary>
    public static Marshaller<StoredResource> Marshaller { get; } = Marshallers.Create(
        static (resource, context) => resource.WriteTo(context),
        static StoredResource (DeserializationContext _) => throw new NotSupportedException("A server reads no answers."));

    private void WriteTo(SerializationContext context)
    {
        context.SetPayloadLength(body.Length);
        context.GetBufferWriter().Write(body);
        context.Complete();
    }
}
