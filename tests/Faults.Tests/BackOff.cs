namespace TaskGrpc.Faults.Tests;

/// <summary>The pause of a client that found nobody at home; a client without one would take the server's own processor time.</summary>
internal static class BackOff
{
    public static Task WaitAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
}
