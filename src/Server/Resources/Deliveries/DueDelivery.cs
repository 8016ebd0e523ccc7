namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>A row of the schedule whose attempt is due.</summary>
/// <param name="OrganizationId">The delivery's organization.</param>
/// <param name="TaskId">The monitor task.</param>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="DueAt">When it became due.</param>
/// <param name="IsClaimed">Whether an attempt was started and its lease expired.</param>
/// <param name="CutShort">How many attempts in a row were interrupted.</param>
/// <param name="Tries">The number of scheduled attempts so far.</param>
internal sealed record DueDelivery(
    string OrganizationId, Guid TaskId, Guid DeliveryId, DateTimeOffset DueAt, bool IsClaimed, int CutShort, int Tries)
{
    /// <summary>
    /// The number of the next attempt. The server repeats an interrupted attempt under the same number, so a crash does not use up an
    /// attempt of the schedule.
    /// </summary>
    public int NextTry => IsClaimed ? Tries : Tries + 1;
}
