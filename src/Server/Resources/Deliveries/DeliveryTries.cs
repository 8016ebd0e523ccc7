namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What an open delivery's attempts have come to. It has a row only if it is not the default.</summary>
/// <param name="Ended">How many attempts of the present schedule have ended.</param>
/// <param name="CutShort">How many attempts since then ended because their leases expired.</param>
internal readonly record struct DeliveryTries(int Ended, int CutShort)
{
    /// <summary>The number of the next attempt. One that was cut short is repeated under its own number: a crash costs no try.</summary>
    public int Next => Ended + 1;

    /// <summary>Whether there is a row.</summary>
    public bool IsKept => this != default;
}
