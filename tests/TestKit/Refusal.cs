using TaskGrpc.Client;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>Asserts that a call is refused, and with which reason.</summary>
public static class Refusal
{
    public static async Task<TaskGrpcException> OfAsync(ErrorReason reason, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(call);
        Assert.True(exception.Reason == reason, $"Expected {reason}, but it was {exception.Reason}: {exception.Status.Detail}");
        // No error lists a violation twice.
        Assert.Distinct(exception.FieldViolations.Select(violation => (violation.Field, violation.Description)));
        return exception;
    }

    /// <summary>Asserts that the call is refused for exactly these fields.</summary>
    public static async Task<TaskGrpcException> OfFieldsAsync(Func<Task> call, params string[] fields)
    {
        var exception = await OfAsync(ErrorReason.InvalidField, call);
        Assert.Equal(fields.Order(StringComparer.Ordinal),
            exception.FieldViolations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        return exception;
    }
}
