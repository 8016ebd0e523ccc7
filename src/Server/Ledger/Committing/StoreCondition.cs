namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Whether the store can still be trusted. Once it cannot, the server stops: a restart must find out what is in it.</summary>
internal sealed class StoreCondition(IHostApplicationLifetime lifetime)
{
    private volatile bool _isBroken;

    public bool IsBroken => _isBroken;

    /// <summary>Whether the server is on its way down, and waits for nothing that does not answer.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Waits; true as soon as the server is on its way down.</summary>
    public bool StopsWithin(TimeSpan time) => lifetime.ApplicationStopping.WaitHandle.WaitOne(time);

    public void Break()
    {
        _isBroken = true;
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
