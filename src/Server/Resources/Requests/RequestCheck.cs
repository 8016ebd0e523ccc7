using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Requests;

/// <summary>Checks what requests of every kind share.</summary>
internal static class RequestCheck
{
    public static void CheckRequestId(IMutation request, Violations violations)
    {
        if (request.RequestId.Length == 0)
        {
            return;
        }

        if (Guid.TryParseExact(request.RequestId, "D", out var id))
        {
            // One spelling, so that a repeat in upper case is still the same request.
            request.RequestId = id.ToString();
        }
        else
        {
            violations.Add("request_id", "must be a UUID, or empty");
        }
    }

    public static void CheckPageSize(int pageSize, Violations violations)
    {
        if (pageSize < 0)
        {
            violations.Add("page_size", "must not be negative; 0 means 50");
        }
    }
}
