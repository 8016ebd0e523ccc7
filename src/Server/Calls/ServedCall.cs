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

/// <summary>A served call: its handler, and its scope and route from the descriptor.</summary>
internal sealed class ServedCall
{
    private readonly MethodDescriptor _descriptor;

    /// <exception cref="RefusedToStartException">The call has no scope, so everybody could make it.</exception>
    public ServedCall(IMethod method, MethodDescriptor descriptor, CallHandler handler)
    {
        (Method, _descriptor, Handler) = (method, descriptor, handler);
        ExecutionScope = descriptor.GetOptions()?.GetExtension(OptionsExtensions.ExecutionScope) ?? "";
        Scope = descriptor.GetOptions()?.GetExtension(OptionsExtensions.RequiredScope) is { Length: > 0 } scope ? scope
            : throw new RefusedToStartException($"{descriptor.FullName} has no scope. Give it the option taskgrpc.v1.required_scope.");
    }

    /// <summary>The generated method, with the call's path.</summary>
    public IMethod Method { get; }

    public CallHandler Handler { get; }

    /// <summary>The scope that the caller needs.</summary>
    public string Scope { get; }

    /// <summary>The scope that the caller needs for a request.</summary>
    public string ScopeOf(IMessage request) =>
        request is IWorkRequest { Kind: ResourceKind.TaskExecution } && ExecutionScope.Length > 0 ? ExecutionScope : Scope;

    /// <summary>The scope for requests about task executions; empty if it is the same.</summary>
    public string ExecutionScope { get; }

    /// <summary>The HTTP route; null if it has none. Read from the descriptor each time.</summary>
    public Google.Api.HttpRule? Route => _descriptor.GetOptions()?.GetExtension(Google.Api.AnnotationsExtensions.Http);

    /// <summary>An empty request of this call.</summary>
    public IMessage NewRequest() => _descriptor.InputType.Parser.ParseFrom(ByteString.Empty);

    /// <exception cref="Fault">INVALID_FIELD: the bytes are not a request of this call, or nest too deep.</exception>
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

    /// <summary>The refusal of bytes that are not a request.</summary>
    /// <param name="request">The name of the request's message.</param>
    public static Fault Unreadable(string request) => new(
        ErrorReason.InvalidField,
        $"The request's bytes are not a {request}, or its data nests hundreds of levels deep. "
        + "Generate the client from this server's protos, which reflection serves.");
}
