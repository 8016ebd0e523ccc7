using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Checks a request by its descriptors, and the fields that requests of every kind share.</summary>
internal static class RequestCheck
{
    public static Violations Of(IMessage request)
    {
        var violations = new Violations();
        MessageCheck.Check(request, "", violations);
        if (request is IMutation mutation)
        {
            CheckRequestId(mutation, violations);
        }

        if (request is IPageRequest { PageSize: < 0 })
        {
            violations.Add("page_size", "must not be negative; 0 means 50");
        }

        return violations;
    }

    public static void CheckRequestId(IMutation request, Violations violations)
    {
        if (request.RequestId.Length == 0)
        {
            return;
        }

        if (Guid.TryParseExact(request.RequestId, "D", out var id))
        {
            // Normalize, so that a repeat in upper case is still the same request.
            request.RequestId = id.ToString();
        }
        else
        {
            violations.Add("request_id", "must be a UUID, or empty");
        }
    }
}
