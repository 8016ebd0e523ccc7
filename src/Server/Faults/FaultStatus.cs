using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace TaskGrpc.Server.Faults;

/// <summary>
/// The one map from refusals to google.rpc.Status (AIP-193). Standard clients refuse trailers above 8 KiB and show RESOURCE_EXHAUSTED
/// instead of the error, so a status stays below that for every request.
/// </summary>
internal static class FaultStatus
{
    public const string Domain = "taskgrpc";

    /// <summary>The largest status in bytes. As base64, the form of the trailer, it stays under the contract's 5,500.</summary>
    public const int MostBytes = 5496 / 4 * 3;

    /// <summary>The longest message in the trailer grpc-message, percent-encoded. Both trailers together stay under 8 KiB.</summary>
    public const int MostMessage = 1500;

    // The parts beside the violations take at most 3 KiB, so that one violation always fits.
    private const int MostMetadata = 768;
    private const int MostName = 300;
    private const int MostDescription = 200;

    /// <summary>The bytes of a BadRequest's type, tags and lengths, and those of the violation that counts the rest.</summary>
    private const int Frame = 64;
    private const int RestViolation = 160;

    /// <summary>The status for a trailer, cut to what standard clients accept.</summary>
    public static Google.Rpc.Status Of(Fault fault) => Of(fault, isWhole: false);

    /// <summary>The status for a body, with everything in it.</summary>
    public static Google.Rpc.Status Whole(Fault fault) => Of(fault, isWhole: true);

    private static Google.Rpc.Status Of(Fault fault, bool isWhole)
    {
        var reason = ErrorReasons.Of(fault.Reason);
        var status = new Google.Rpc.Status { Code = (int)reason.Code };
        status.Message = isWhole ? fault.Message : Clip.Percent(fault.Message, MostMessage);
        status.Details.Add(Any.Pack(Info(fault, reason.Name, isWhole ? int.MaxValue : MostMetadata)));
        var description = Clip.Utf8(fault.Message, MostDescription);
        if (fault.PreconditionSubject is { } subject)
        {
            var violation = new PreconditionFailure.Types.Violation { Type = reason.Name, Description = description };
            violation.Subject = Clip.Utf8(subject, MostName);
            status.Details.Add(Any.Pack(new PreconditionFailure { Violations = { violation } }));
        }

        if (fault.Resource is { } resource)
        {
            var info = new ResourceInfo { ResourceType = resource.Type, Description = description };
            info.ResourceName = Clip.Utf8(resource.Name, MostName);
            status.Details.Add(Any.Pack(info));
        }

        if (fault.RetryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        if (fault.Violations.Count > 0)
        {
            var room = isWhole ? int.MaxValue : MostBytes - status.CalculateSize() - Frame;
            status.Details.Insert(1, Any.Pack(Told(fault, reason.Name, room)));
        }

        return status;
    }

    private static ErrorInfo Info(Fault fault, string reason, int room)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = reason };
        foreach (var (key, value) in fault.Details)
        {
            var told = Clip.Utf8(value, room);
            info.Metadata[key] = told;
            room -= System.Text.Encoding.UTF8.GetByteCount(told);
        }

        return info;
    }

    /// <summary>As many violations as fit, in order. If some are left out, a last one says how many.</summary>
    private static BadRequest Told(Fault fault, string reason, int room)
    {
        var request = new BadRequest();
        var all = fault.Violations.Count + fault.Untold;
        foreach (var found in fault.Violations)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = found.Field, Description = found.Description, Reason = reason };
            room -= CodedOutputStream.ComputeTagSize(1) + CodedOutputStream.ComputeMessageSize(violation);
            if (room < (request.FieldViolations.Count + 1 < all ? RestViolation : 0))
            {
                break;
            }

            request.FieldViolations.Add(violation);
        }

        if (all - request.FieldViolations.Count is var rest and > 0)
        {
            var description = rest == 1 ? "there is 1 more violation" : $"there are {rest} more violations";
            description += "; correct those above and send the request again";
            request.FieldViolations.Add(new BadRequest.Types.FieldViolation { Description = description, Reason = reason });
        }

        return request;
    }
}
