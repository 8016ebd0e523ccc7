using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls;

/// <summary>A call that is served: what handles it, and what its descriptor says of it.</summary>
internal sealed class ServedCall
{
    private readonly MethodDescriptor _descriptor;

    /// <exception cref="RefusedToStartException">The call names no scope: it would be open to everybody.</exception>
    public ServedCall(IMethod method, MethodDescriptor descriptor, CallHandler handler)
    {
        (Method, _descriptor, Handler) = (method, descriptor, handler);
        Scope = descriptor.GetOptions()?.GetExtension(OptionsExtensions.RequiredScope) is { Length: > 0 } scope ? scope
            : throw new RefusedToStartException($"{descriptor.FullName} names no scope. Give it the option taskgrpc.v1.required_scope.");
    }

    /// <summary>The call as the generated code has it, with its path.</summary>
    public IMethod Method { get; }

    public CallHandler Handler { get; }

    /// <summary>The scope that it asks of its caller.</summary>
    public string Scope { get; }

    /// <summary>Where it is found by HTTP; null if it is not. Read from the descriptor each time.</summary>
    public Google.Api.HttpRule? Route => _descriptor.GetOptions()?.GetExtension(Google.Api.AnnotationsExtensions.Http);

    /// <summary>Reads a request.</summary>
    /// <exception cref="Fault">INVALID_FIELD: the bytes are no request of this call, or nest too deep.</exception>
    public IMessage Read(ReadOnlySequence<byte> bytes)
    {
        var parser = _descriptor.InputType.Parser;
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw DepthCheck.FaultOf(parser.ParseFrom([]), bytes.ToArray()) ?? Unreadable(_descriptor.InputType.Name);
        }
    }

    /// <summary>The refusal of bytes that are no request.</summary>
    /// <param name="request">The name of the request's message.</param>
    public static Fault Unreadable(string request) => new(
        ErrorReason.InvalidField,
        $"The bytes of the request are no {request}, or its data nests hundreds of levels deep. "
        + "Make the client from this server's protos; reflection has them.");
}
