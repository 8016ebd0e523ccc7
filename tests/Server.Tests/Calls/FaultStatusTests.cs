using CsCheck;
using Google.Protobuf;
using Google.Rpc;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>A status fits into the trailers that standard clients accept, for any fault, and its count of violations is correct.</summary>
public sealed class FaultStatusTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String[Gen.Char['a', 'z'], 0, 400],
        Gen.String[Gen.OneOf(Gen.Const('語'), Gen.Const('%'), Gen.Const('é'), Gen.Const('\uD83D'), Gen.Const('\uDE00'), Gen.Const('\0')),
            0, 1500],
        Gen.Int[0, 1500].Select(length => string.Concat(Enumerable.Repeat("😀", length))));

    private static readonly Gen<Fault> Faults =
        from reason in Gen.Enum<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified)
        from message in Texts
        from details in Texts.List[0, 4]
        from violations in Gen.Select(Texts, Texts).List[0, 40]
        from untold in Gen.OneOf(Gen.Const(0), Gen.Int[1, int.MaxValue / 2])
        from hasPrecondition in Gen.Bool
        from hasResource in Gen.Bool
        from hasDelay in Gen.Bool
        from name in Texts
        select Fault(reason, message, details, violations, untold, hasPrecondition ? name : null,
            hasResource ? ("FlowExecution", name) : null, hasDelay ? TimeSpan.FromDays(3) : null);

    [Fact]
    public void Every_fault_Fits() => Faults.Sample(
        fault =>
        {
            var status = FaultStatus.Of(fault);
            Assert.InRange(Convert.ToBase64String(status.ToByteArray()).Length, 1, 5499);
            Assert.InRange(PercentEncoded(status.Message), 0, FaultStatus.MostMessage);
            var told = status.GetDetail<BadRequest>()?.FieldViolations.ToList() ?? [];
            var all = fault.Violations.Count == 0 ? 0 : fault.Violations.Count + fault.Untold;
            var isCut = told.Count > 0 && told[^1].Description.StartsWith("there ", StringComparison.Ordinal);
            var rest = isCut ? int.Parse(told[^1].Description.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture) : 0;
            Assert.Equal(all, rest == 0 ? told.Count : told.Count - 1 + rest);
            // The status has at least one violation.
            Assert.Equal(all > 0, told.Count - (rest > 0 ? 1 : 0) > 0);
        },
        iter: 500,
        print: fault => $"{fault.Reason}, {fault.Violations.Count} violations, message of {fault.Message.Length}");

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    [InlineData(5_000_000)]
    public void Violations_Count_all_and_keep_a_mebibyte_of_text(int count)
    {
        var violations = new Violations();
        for (var i = 0; i < count; i++)
        {
            violations.Add($"agent_tasks[{i % 1000}].metadata.{i}", "must be a finite number: JSON has no NaN and no infinity");
        }

        var fault = violations.Refusal!;
        Assert.Equal(count, fault.Violations.Count + fault.Untold);
        Assert.InRange(
            fault.Violations.Sum(violation => violation.Field.Length + violation.Description.Length), 1, Violations.MostCharacters + 400);
        Assert.Equal(count > 15_000, fault.Untold > 0);
    }

    private static Fault Fault(ErrorReason reason, string message, List<string> details, List<(string, string)> violations, int untold,
        string? subject, (string, string)? resource, TimeSpan? delay)
    {
        var fault = new Fault(reason, message)
        {
            Violations = [.. violations.Select(violation => new TaskGrpc.Server.Faults.FieldViolation(violation.Item1, violation.Item2))],
            Untold = untold,
            PreconditionSubject = subject,
            Resource = resource,
            RetryAfter = delay,
        };
        for (var i = 0; i < details.Count; i++)
        {
            fault.With($"oldest_revision_{i}", details[i]);
        }

        return fault;
    }

    private static int PercentEncoded(string text) =>
        System.Text.Encoding.UTF8.GetBytes(text).Sum(value => value is >= (byte)' ' and <= (byte)'~' and not (byte)'%' ? 1 : 3);
}
