using System.Net;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>The readiness check of a load balancer.</summary>
public static class Readiness
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    public static async Task<HttpStatusCode> ReadyAsync(this HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
        return answer.StatusCode;
    }

    /// <summary>Waits until a server is ready or not ready, and returns how long that took.</summary>
    public static async Task<TimeSpan> UntilReadyAsync(this HttpClient http, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await http.ReadyAsync() != status)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"/readyz has not become {status}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        return TimeProvider.System.GetElapsedTime(began);
    }
}
