namespace TaskGrpc.TestKit;

/// <summary>How the clients of a test call the server.</summary>
public enum TestProtocol
{
    /// <summary>gRPC over a socket.</summary>
    Grpc,

    /// <summary>In this process.</summary>
    InProcess,

    /// <summary>HTTP with JSON over a socket.</summary>
    Json,
}
