namespace TaskGrpc.Server.Sending;

/// <summary>
/// Bounds running attempts, in all and for each organization, so that one with many slow targets leaves room for others.
/// </summary>
internal sealed class AttemptSlots(int all, int share) : IDisposable
{
    private readonly SemaphoreSlim _all = new(all);
    private readonly Dictionary<string, Share> _shares = [];

    /// <summary>Waits for a slot; disposing gives it back.</summary>
    public async Task<IDisposable> TakeAsync(string organizationId, CancellationToken cancellationToken)
    {
        var own = Join(organizationId);
        try
        {
            await own.Slots.WaitAsync(cancellationToken);
            try
            {
                await _all.WaitAsync(cancellationToken);
            }
            catch
            {
                own.Slots.Release();
                throw;
            }
        }
        catch
        {
            Leave(organizationId, own);
            throw;
        }

        return new Slot(this, organizationId, own);
    }

    public void Dispose() => _all.Dispose();

    private Share Join(string organizationId)
    {
        lock (_shares)
        {
            if (!_shares.TryGetValue(organizationId, out var own))
            {
                _shares[organizationId] = own = new Share(new SemaphoreSlim(share));
            }

            own.Users++;
            return own;
        }
    }

    private void Leave(string organizationId, Share own)
    {
        lock (_shares)
        {
            if (--own.Users == 0)
            {
                _shares.Remove(organizationId);
                own.Slots.Dispose();
            }
        }
    }

    private sealed class Share(SemaphoreSlim slots)
    {
        public SemaphoreSlim Slots { get; } = slots;

        public int Users { get; set; }
    }

    private sealed class Slot(AttemptSlots slots, string organizationId, Share own) : IDisposable
    {
        public void Dispose()
        {
            slots._all.Release();
            own.Slots.Release();
            slots.Leave(organizationId, own);
        }
    }
}
