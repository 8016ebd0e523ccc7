using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>A body that HTTP itself has a status for: too large, or of another type.</summary>
internal sealed class RefusedBodyException(int statusCode, Fault fault) : Exception(fault.Message)
{
    public int StatusCode { get; } = statusCode;

    public Fault Fault { get; } = fault;
}
