using TaskGrpc.Server.Sending;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class AttemptSlotsTests
{
    [Fact]
    public async Task An_organization_that_has_its_share_Waits_and_leaves_room_for_others()
    {
        using var slots = new AttemptSlots(all: 3, share: 2);
        var first = await slots.TakeAsync("noisy", default);
        await slots.TakeAsync("noisy", default);
        var third = slots.TakeAsync("noisy", default);
        var other = await slots.TakeAsync("quiet", default);
        Assert.False(third.IsCompleted);

        // The organization's share has room again, but all slots are in use; then one becomes free.
        first.Dispose();
        var last = await third;
        var beyond = slots.TakeAsync("another", default);
        Assert.False(beyond.IsCompleted);
        other.Dispose();
        await beyond;
        last.Dispose();
    }

    [Fact]
    public async Task A_canceled_wait_Takes_no_slot()
    {
        using var slots = new AttemptSlots(all: 1, share: 1);
        var held = await slots.TakeAsync("a", default);
        using var impatient = new CancellationTokenSource();
        var (own, others) = (slots.TakeAsync("a", impatient.Token), slots.TakeAsync("b", impatient.Token));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => own);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => others);
        held.Dispose();
        (await slots.TakeAsync("b", default)).Dispose();
        (await slots.TakeAsync("a", default)).Dispose();
    }
}
