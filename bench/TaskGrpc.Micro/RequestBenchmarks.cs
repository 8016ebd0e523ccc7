using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>A request before the rules: parsed from the wire, and checked against the field options of its proto.</summary>
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
