namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>A delivery whose attempt is due, as the schedule has it.</summary>
/// <param name="OrganizationId">Whose delivery it is.</param>
/// <param name="TaskId">The monitor task.</param>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="DueAt">Since when it is due.</param>
/// <param name="IsClaimed">Whether its attempt was begun already, and its lease ran out.</param>
/// <param name="CutShort">How many attempts in a row were cut short.</param>
/// <param name="Tries">How many attempts the present schedule has seen.</param>
internal sealed record DueDelivery(string OrganizationId, Guid TaskId, Guid DeliveryId, DateTimeOffset DueAt, bool IsClaimed, int CutShort, int Tries)
{
    /// <summary>Which of the schedule's attempts comes now. What was cut short is repeated outside of the schedule: a crash costs no try.</summary>
    public int NextTry => IsClaimed ? Tries : Tries + 1;
}
