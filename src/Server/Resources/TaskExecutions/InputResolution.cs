using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Puts upstream outputs in the place of the references to them.</summary>
/// <param name="flowId">The flow execution.</param>
/// <param name="keys">The executions as the command sees them.</param>
/// <param name="field">The input's path in the request.</param>
internal sealed class InputResolution(string flowId, TaskExecutionKeys keys, string field)
{
    private const int MostBytes = 1024 * 1024;

    private int _bytes;

    /// <exception cref="Fault">UPSTREAM_OUTPUT_MISSING; INVALID_FIELD: the whole becomes larger than an input may be.</exception>
    public Value Resolve(Value input) => input.KindCase switch
    {
        Value.KindOneofCase.StringValue => Resolve(input.StringValue),
        Value.KindOneofCase.ListValue => Value.ForList([.. input.ListValue.Values.Select(Resolve)]),
        Value.KindOneofCase.StructValue => Value.ForStruct(new Struct { Fields = { input.StructValue.Fields.ToDictionary(field => field.Key, field => Resolve(field.Value)) } }),
        _ => input.Clone(),
    };

    private Value Resolve(string text)
    {
        OutputReference[] references = [.. OutputReference.In(text)];
        if (references is [var only] && only.Length == text.Length)
        {
            // Alone in its text it keeps its JSON type.
            return Counted(Find(only)).Clone();
        }

        var resolved = new StringBuilder();
        var end = 0;
        foreach (var reference in references)
        {
            resolved.Append(text, end, reference.Start - end).Append(JsonText.Plain(Counted(Find(reference))));
            end = reference.Start + reference.Length;
        }

        return Value.ForString(resolved.Append(text, end, text.Length - end).ToString());
    }

    private Value Find(OutputReference reference)
    {
        var value = keys.LatestCompleted(flowId, reference.Task)?.Output ?? throw Missing(reference, $"no completed execution of '{Clip.Of(reference.Task, 80)}' in this flow has an output");
        foreach (var key in reference.Path)
        {
            value = Below(value, key) ?? throw Missing(reference, $"the latest output of '{Clip.Of(reference.Task, 80)}' has no '{Clip.Of(key, 80)}' there");
        }

        return value;
    }

    /// <summary>Each reference may stand for a megabyte, and an input may have thousands of them.</summary>
    private Value Counted(Value value)
    {
        var size = value.CalculateSize();
        _bytes += size;
        return _bytes > MostBytes ? throw Fault.InvalidField(field, $"becomes larger than {MostBytes} bytes with its upstream outputs; send the input explicitly, or have the tasks hand on less")
            : !keys.TryResolve(size) ? throw Fault.InvalidField(field, "makes this request larger than 3 MiB with the upstream outputs of all its inputs; send fewer at once")
            : value;
    }

    private static Value? Below(Value value, string key) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => value.StructValue.Fields.GetValueOrDefault(key),
        Value.KindOneofCase.ListValue when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => value.ListValue.Values.ElementAtOrDefault(index),
        _ => null,
    };

    private Fault Missing(OutputReference reference, string why) =>
        Fault.Precondition(ErrorReason.UpstreamOutputMissing, field, $"The input refers to '{{{{{Clip.Of(reference.Text, 120)}}}}}', but {why}. Wait until the upstream task has completed, or send the input explicitly.");
}
