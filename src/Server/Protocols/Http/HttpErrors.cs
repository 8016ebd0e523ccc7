using System.Globalization;
using TaskGrpc.Server.Calls;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>Answers refusals: the google.rpc.Status as JSON, under the HTTP status of its code.</summary>
internal static class HttpErrors
{
    public static Task WriteAsync(HttpResponse response, CallRefusal refusal, int status)
    {
        if (response.HasStarted)
        {
            // A part of the answer is sent already: only the connection can tell that the rest is missing.
            response.HttpContext.Abort();
            return Task.CompletedTask;
        }

        if (refusal.RetryAfter is { } delay)
        {
            // Whole seconds, rounded up: the header knows no others.
            response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(response, refusal.Status, status);
    }

    public static Task WriteAsync(HttpResponse response, Status error, int status)
    {
        response.StatusCode = status;
        return JsonAnswers.WriteAsync(response, error);
    }

    /// <summary>The HTTP status that google.rpc.Code gives to a code.</summary>
    public static int StatusOf(Status status) => (Code)status.Code switch
    {
        Code.Ok => StatusCodes.Status200OK,
        Code.Cancelled => StatusCodes.Status499ClientClosedRequest,
        Code.InvalidArgument or Code.FailedPrecondition or Code.OutOfRange => StatusCodes.Status400BadRequest,
        Code.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        Code.NotFound => StatusCodes.Status404NotFound,
        Code.AlreadyExists or Code.Aborted => StatusCodes.Status409Conflict,
        Code.PermissionDenied => StatusCodes.Status403Forbidden,
        Code.Unauthenticated => StatusCodes.Status401Unauthorized,
        Code.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        Code.Unimplemented => StatusCodes.Status501NotImplemented,
        Code.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
