using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace TaskGrpc.Server.Faults;

/// <summary>The one map from refusals to what goes over the wire (AIP-193).</summary>
internal static class FaultStatus
{
    public const string Domain = "taskgrpc";

    public static Google.Rpc.Status Of(Fault fault)
    {
        var reason = ErrorReasons.Of(fault.Reason);
        var status = new Google.Rpc.Status { Code = (int)reason.Code, Message = fault.Message };
        status.Details.Add(Any.Pack(new ErrorInfo { Domain = Domain, Reason = reason.Name, Metadata = { fault.Details } }));
        if (fault.Violations.Count > 0)
        {
            status.Details.Add(Any.Pack(new BadRequest
            {
                FieldViolations =
                {
                    fault.Violations.Select(violation => new BadRequest.Types.FieldViolation
                    {
                        Field = violation.Field,
                        Description = violation.Description,
                        Reason = reason.Name,
                    }),
                },
            }));
        }

        if (fault.PreconditionSubject is { } subject)
        {
            status.Details.Add(Any.Pack(new PreconditionFailure
            {
                Violations = { new PreconditionFailure.Types.Violation { Type = reason.Name, Subject = subject, Description = fault.Message } },
            }));
        }

        if (fault.Resource is { } resource)
        {
            status.Details.Add(Any.Pack(new ResourceInfo { ResourceType = resource.Type, ResourceName = resource.Name, Description = fault.Message }));
        }

        if (fault.RetryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return status;
    }
}
