using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Definitions;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Replaces references in an input by the upstream outputs.</summary>
/// <param name="flowId">The flow execution.</param>
/// <param name="keys">The executions as the command sees them.</param>
/// <param name="field">The input's path in the request.</param>
/// <param name="violations">Collects what is wrong with the resolved input.</param>
internal sealed class InputResolution(string flowId, TaskExecutionKeys keys, string field, Violations violations)
{
    private const int MostBytes = 1024 * 1024;

    private int _bytes;
    private bool _isTooLarge;

    /// <summary>UPSTREAM_OUTPUT_MISSING for the first reference without an output; null if all have one.</summary>
    public Fault? Missing { get; private set; }

    /// <summary>The input with the outputs in it. Use it only if <see cref="Missing"/> is null and there is no violation.</summary>
    public Value Resolve(Value template)
    {
        var input = Resolved(template);
        if (!_isTooLarge && input.CalculateSize() is var size && size > MostBytes)
        {
            violations.Add(field, $"has {size} bytes with its upstream outputs; at most {MostBytes} are allowed");
        }

        JsonCheck.Check(input, field, violations, JsonCheck.MostLevels);
        return input;
    }

    private Value Resolved(Value input) => input.KindCase switch
    {
        Value.KindOneofCase.StringValue => Resolved(input.StringValue),
        Value.KindOneofCase.ListValue => Value.ForList([.. input.ListValue.Values.Select(Resolved)]),
        Value.KindOneofCase.StructValue =>
            Value.ForStruct(
                new Struct { Fields = { input.StructValue.Fields.ToDictionary(field => field.Key, field => Resolved(field.Value)) } }),
        _ => input.Clone(),
    };

    private Value Resolved(string text)
    {
        OutputReference[] references = [.. OutputReference.In(text)];
        if (references is [var only] && only.Length == text.Length)
        {
            // A reference that is the whole text keeps the output's JSON type.
            return Find(only)?.Clone() ?? Value.ForNull();
        }

        var resolved = new StringBuilder();
        var end = 0;
        foreach (var reference in references)
        {
            resolved.Append(text, end, reference.Start - end).Append(Find(reference) is { } value ? JsonText.Plain(value) : "");
            end = reference.Start + reference.Length;
        }

        return Value.ForString(resolved.Append(text, end, text.Length - end).ToString());
    }

    /// <summary>The output that a reference names; null if it is missing or too large.</summary>
    private Value? Find(OutputReference reference)
    {
        if (_isTooLarge)
        {
            return null;
        }

        var value = keys.LatestCompleted(flowId, reference.Task)?.Output;
        if (value is null)
        {
            Missing ??= Refusal(
                reference,
                $"no completed execution of '{Clip.Of(reference.Task, 80)}' in this flow has an output",
                "Wait until the upstream task completes with an output");
            return null;
        }

        foreach (var key in reference.Path)
        {
            value = Below(value, key);
            if (value is null)
            {
                Missing ??= Refusal(
                    reference,
                    $"the latest output of '{Clip.Of(reference.Task, 80)}' has no '{Clip.Of(key, 80)}' at that path",
                    "Correct the definition, complete the upstream task again with that value");
                return null;
            }
        }

        return IsWithinBounds(value) ? value : null;
    }

    /// <summary>Each output may have a megabyte, and an input may have thousands of references.</summary>
    private bool IsWithinBounds(Value value)
    {
        var size = value.CalculateSize();
        _bytes += size;
        var flaw = _bytes > MostBytes ? $"is larger than {MostBytes} bytes with its upstream outputs; send the input explicitly"
            : !keys.TryResolve(size) ? "makes this request larger than 3 MiB with all upstream outputs; send fewer executions at once"
            : null;
        if (flaw is not null)
        {
            _isTooLarge = true;
            violations.Add(field, flaw);
        }

        return flaw is null;
    }

    private static Value? Below(Value value, string key) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => value.StructValue.Fields.GetValueOrDefault(key),
        Value.KindOneofCase.ListValue when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) =>
            value.ListValue.Values.ElementAtOrDefault(index),
        _ => null,
    };

    private Fault Refusal(OutputReference reference, string why, string advice) =>
        Fault.Precondition(
            ErrorReason.UpstreamOutputMissing,
            field,
            $"The input refers to '{{{{{Clip.Of(reference.Text, 120)}}}}}', but {why}. {advice}, or send the input explicitly.");
}
