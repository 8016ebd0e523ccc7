using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Deliveries;

/// <summary>Delivery targets: the server refuses a target that it could never send to, and sends to the target that it stored.</summary>
public abstract class TargetTests(ServerFixture fixture)
{
    private static readonly string Label = new('a', 63);

    public static TheoryData<string> Unreachable =>
    [
        "https://א1.test/x", "https://\u202e.test/", "https://a\u200bb.test/", "https://a\u00adb.test/", "https://ｅxample.test/",
            "https://１２７.0.0.1/", "https://e\u0301.test/",
        "https://☃.test/", "https://a。b.test/", "https://İ.test/", "https://a.test:0/x", "https://a.test:65536/x", "https://a.test:-1/x",
            "https://a.test:+80/", "https://a.test/a b",
        "https://a.test/\u0001", "https://a.test/a\nb", "https://a.test/\u007f", "https://a.test/\u200b", "https://a.test/x\u00a0",
            "https://a.test/\u3164", "https://a.test/\ufe0f", $"https://{Label}a.test/", $"https://{Long(254)}/",
        "https://me@a.test/", "https://a.test/#part", "https://a.test#", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/",
            "https://[::1/", "https://a.test./", "https://a..test/",
        "https://.test/", "https://_a.test/", "https://%61.test/", "https://-a.test/", "https://a-.test/", "https://256.1.1.1/",
            "https://1.2.3.4.5/", "https://2130706433/", "https://0/",
        "https://0x7f000001/", "https://1.2.3/", "https:///x", "https:/a.test/", "https:a.test", "https:\\\\a.test/", "https://a.test\\x",
            "//a.test/", "file:///etc/passwd", "https://*.test/",
    ];

    public static TheoryData<string> Reachable =>
    [
        "https://a.test", "https://a.test/", "https://a.test:1/x", "https://a.test:65535/x", "https://a.test:/x", "HTTPS://A.TEST/X?y=z",
            "https://a.test/a%20b", "https://a.test/é?q=ü",
        $"https://{Label}.test/", $"https://{Long(253)}/", "https://[2001:db8::1]:8443/x", "https://192.0.2.1/x",
            "https://xn--bcher-kva.example/", "https://xn--1-zhc.test/", "https://3com.test/", "https://localhost/", "https://my_service/",
    ];

    public static TheoryData<string> NoAddresses =>
    [
        "op\u200bs@example.com", "ops@exa\u200bmple.com", "op\u00ads@example.com", "op\u2028s@example.com", "op\u3164s@example.com",
            "a..b@example.com", "a,b@c.com", ".a@c.com", "a.@c.com", "a@c.com.", "a@b..c", "a@.b",
        "a@", "@c.com", "a@c com", "a(x)@c.com", "a@c.com(x)", "<a@c.com>", "a@b_c.com", "a@-b.com", "a@א1.test", "a@1.2.3.4",
            "\"\"@c.com", $"{new string('a', 65)}@c.com", $"a@{Label}a.com",
        $"{new string('é', 33)}@c.com", $"a@{Long(253)}", "ops@example.com\r\n", "group: a@b.com;",
    ];

    public static TheoryData<string> Addresses =>
    [
        "ops@xn--bcher-kva.example", "a@xn--1-zhc.test", "OPS@XN--BCHER-KVA.EXAMPLE", "пошта@example.com", "a+b@c.com", "\"a b\"@c.com",
            "a@localhost", "a@[192.0.2.1]", $"{new string('a', 64)}@c.com", $"a@{Label}.com",
    ];

    [Theory]
    [MemberData(nameof(Unreachable))]
    public async Task An_endpoint_that_no_request_could_reach_Is_INVALID_FIELD(string endpoint) =>
        await RequireRefusedAsync(Webhook(endpoint), "endpoint");

    [Theory]
    [MemberData(nameof(Reachable))]
    public async Task An_endpoint_that_a_request_can_reach_Is_stored_as_it_is(string endpoint) =>
        await RequireStoredAsync(Webhook(endpoint), Webhook(endpoint));

    [Theory]
    [InlineData("https://ПОЧТА.test/", "https://xn--80a1acny.test/")]
    [InlineData("https://Bücher.example:8443/a?q=ü", "https://xn--bcher-kva.example:8443/a?q=ü")]
    [InlineData("https://straße.example", "https://xn--strae-oqa.example")]
    [InlineData("https://例え.テスト/x", "https://xn--r8jz45g.xn--zckzah/x")]
    public async Task A_host_of_other_letters_Is_stored_in_ASCII_and_found_by_it(string endpoint, string stored)
    {
        await RequireStoredAsync(Webhook(endpoint), Webhook(stored));
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync(Webhook(endpoint));
        var found = await client.MonitorTasks.ListMonitorTasksAsync(new() { Filter = $"delivery.endpoint = \"{stored}\"" });
        Assert.Equal(task.TaskId, Assert.Single(found.MonitorTasks).TaskId);
    }

    [Theory]
    [MemberData(nameof(NoAddresses))]
    public async Task An_address_that_the_mail_library_would_not_send_to_Is_INVALID_FIELD(string address) =>
        await RequireRefusedAsync(Email(address), "channel");

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task An_address_Is_stored_as_it_is(string address) => await RequireStoredAsync(Email(address), Email(address));

    [Fact]
    public async Task A_domain_of_other_letters_Is_stored_in_ASCII() =>
        await RequireStoredAsync(Email("Ops@Bücher.example"), Email("Ops@xn--bcher-kva.example"));

    [Fact]
    public async Task A_channel_that_is_no_address_Stays_as_it_is()
    {
        var target =
            new DeliveryTarget { Type = DeliveryType.Notification, Channel = "ops@Bücher.example", Endpoint = "https://א1.test/x" };
        await RequireStoredAsync(target, target);
    }

    private static DeliveryTarget Webhook(string endpoint) => new() { Type = DeliveryType.Webhook, Endpoint = endpoint };

    private static DeliveryTarget Email(string address) => new() { Type = DeliveryType.Email, Channel = address };

    /// <summary>A host name of the given length.</summary>
    private static string Long(int characters) => $"{Label}.{Label}.{Label}.{new string('b', characters - (3 * 64))}";

    private async Task RequireRefusedAsync(DeliveryTarget target, string field)
    {
        using var client = fixture.NewClient();
        await Refusal.OfFieldsAsync(() => client.CreateMonitorTaskAsync(target), $"monitor_task.delivery.{field}");
        var task = await client.CreateMonitorTaskAsync();
        var update = new UpdateMonitorTaskRequest { MonitorTask = new() { TaskId = task.TaskId, Delivery = target } };
        await Refusal.OfFieldsAsync(
            () => client.MonitorTasks.UpdateMonitorTaskAsync(update).ResponseAsync, $"monitor_task.delivery.{field}");
    }

    /// <summary>By Create, by a dry run and by Update; for Update, the same target again is not a change.</summary>
    private async Task RequireStoredAsync(DeliveryTarget sent, DeliveryTarget stored)
    {
        using var client = fixture.NewClient();
        var created = await client.CreateMonitorTaskAsync(sent);
        Assert.Equal(stored, created.Delivery);
        Assert.Equal(created, await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = created.TaskId }));
        var preview =
            await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = Sample.MonitorTask(sent), ValidateOnly = true });
        Assert.Equal(stored, preview.Delivery);
        var again = await client.MonitorTasks.UpdateMonitorTaskAsync(
            new() { MonitorTask = new() { TaskId = created.TaskId, Delivery = sent } });
        Assert.Equal(created, again);
        var other = await client.CreateMonitorTaskAsync();
        var updated =
            await client.MonitorTasks.UpdateMonitorTaskAsync(new() { MonitorTask = new() { TaskId = other.TaskId, Delivery = sent } });
        Assert.Equal(stored, updated.Delivery);
    }
}
