namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Whether the store is sound. Once it is broken the server stops: only a restart can read what is in it.</summary>
internal sealed class StoreCondition(IHostApplicationLifetime lifetime)
{
    private volatile bool _isBroken;

    public bool IsBroken => _isBroken;

    /// <summary>Whether the server is shutting down, and must not wait for a silent database.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Waits for that time; true as soon as the server shuts down.</summary>
    public bool StopsWithin(TimeSpan time) => lifetime.ApplicationStopping.WaitHandle.WaitOne(time);

    public void Break()
    {
        _isBroken = true;
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
