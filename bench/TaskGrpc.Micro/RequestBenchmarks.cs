using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>A request's way to the rules: read from the wire, and checked against what its proto says of each field.</summary>
public class RequestBenchmarks
{
    private readonly byte[] _wire = Request().ToByteArray();
    private readonly CreateAgentTaskRequest _request = Request();

    [Benchmark(Baseline = true)]
    public object Parse() => CreateAgentTaskRequest.Parser.ParseFrom(_wire);

    [Benchmark]
    public object Check() => RequestCheck.Of(_request);

    private static CreateAgentTaskRequest Request() => new() { AgentTask = Samples.NewTask(7) };
}
