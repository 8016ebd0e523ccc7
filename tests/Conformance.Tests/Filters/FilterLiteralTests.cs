using System.Globalization;
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Filters;

/// <summary>A literal means what it looks like, or is refused with advice; none silently becomes a text or another number.</summary>
public abstract class FilterLiteralTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("1e999", "beyond what a double can hold")]
    [InlineData("-1e999", "beyond what a double can hold")]
    [InlineData("1e-999", "beyond what a double can hold")]
    [InlineData("NaN", "JSON")]
    [InlineData("nan", "JSON")]
    [InlineData("inf", "JSON")]
    [InlineData("-inf", "JSON")]
    [InlineData("+Inf", "JSON")]
    [InlineData("Infinity", "JSON")]
    [InlineData("-INFINITY", "JSON")]
    [InlineData("∞", "JSON")]
    [InlineData("9007199254740993", "exactly")]
    [InlineData("-9223372036854775807", "exactly")]
    [InlineData("18446744073709551617", "exactly")]
    [InlineData("007", "JSON")]
    [InlineData("-01.5", "JSON")]
    [InlineData("+5", "JSON")]
    [InlineData("0x1F", "JSON")]
    [InlineData("0b101", "JSON")]
    [InlineData("True", "true or false")]
    [InlineData("FALSE", "true or false")]
    [InlineData("null", "NOT field:*")]
    [InlineData("NULL", "NOT field:*")]
    public async Task A_literal_of_metadata_that_only_looks_like_a_number_or_a_flag_Is_refused(string literal, string advice)
    {
        using var client = fixture.NewClient();
        foreach (var path in new[] { "metadata.n", "metadata.a.b" })
        {
            foreach (var comparison in new[] { "=", "!=", "<", ":" })
            {
                await RefusedAsync(client, $"{path} {comparison} {literal}", path.Length + comparison.Length + 3, advice);
            }
        }

        await ListAsync(client, $"metadata.n = \"{literal}\"");
        await ListAsync(client, $"metadata:{literal.TrimStart('-')}");
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-0.0", 0)]
    [InlineData("1e3", 1000)]
    [InlineData("1E+3", 1000)]
    [InlineData("-25e-2", -0.25)]
    [InlineData("0.1", 0.1)]
    [InlineData("9007199254740992", 9007199254740992)]
    [InlineData("-9007199254740994", -9007199254740994)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    [InlineData("5e-324", double.Epsilon)]
    public async Task A_number_as_JSON_writes_it_Finds_its_value(string literal, double value)
    {
        using var client = fixture.NewClient();
        var task = await CreateAsync(client, Value.ForNumber(value));
        await CreateAsync(client, Value.ForString(literal));
        await CreateAsync(client, Value.ForNumber(77));
        Assert.Equal(task, Assert.Single(await ListAsync(client, $"metadata.n = {literal}")));
        Assert.Equal(2, (await ListAsync(client, $"metadata.n != {literal}")).Count);
    }

    [Theory]
    [InlineData("gold")]
    [InlineData("2024-01-01")]
    [InlineData("v1.2.3")]
    [InlineData("1e")]
    [InlineData("0xyz")]
    [InlineData("info")]
    [InlineData("nano")]
    [InlineData("nullable")]
    [InlineData("trueish")]
    public async Task A_word_Is_a_text_still(string literal)
    {
        using var client = fixture.NewClient();
        var task = await CreateAsync(client, Value.ForString(literal));
        Assert.Equal(task, Assert.Single(await ListAsync(client, $"metadata.n = {literal}")));
    }

    [Theory]
    [InlineData("83790000000000016")]
    [InlineData("83790000000000020")]
    public async Task A_whole_number_beyond_a_doubles_digits_Is_found_by_its_value_and_by_the_text_that_shows_it(string literal)
    {
        using var client = fixture.NewClient();
        var task = await CreateAsync(client, Value.ForNumber(83790000000000016));
        Assert.Equal(task, Assert.Single(await ListAsync(client, $"metadata.n = {literal}")));
    }

    [Fact]
    public async Task Any_double_that_is_stored_Is_found_by_its_text_and_by_no_other()
    {
        using var client = fixture.NewClient();
        await Gen.Double.Where(double.IsFinite).SampleAsync(
            async number =>
            {
                var task = await CreateAsync(client, Value.ForNumber(number));
                var text = number.ToString("R", CultureInfo.InvariantCulture);
                var next = Math.BitIncrement(number);
                Assert.Contains(task, await ListAsync(client, $"metadata.n = {text} AND id = \"{task.Id}\""));
                if (double.IsFinite(next) && next != 0)
                {
                    Assert.Empty(
                        await ListAsync(
                            client, $"metadata.n = {next.ToString("R", CultureInfo.InvariantCulture)} AND id = \"{task.Id}\""));
                }
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [InlineData("priority = 2147483648", 12, "-2147483648 to 2147483647")]
    [InlineData("priority = -2147483649", 12, "-2147483648 to 2147483647")]
    [InlineData("priority < 9223372036854775808", 12, "-2147483648 to 2147483647")]
    [InlineData("priority = 1e2", 12, "whole number")]
    [InlineData("priority = 5.0", 12, "whole number")]
    [InlineData("priority = 0x10", 12, "whole number")]
    [InlineData("priority = NaN", 12, "whole number")]
    [InlineData("priority = null", 12, "NOT field:*")]
    [InlineData("priority = *5", 12, "whole number")]
    [InlineData("title = null", 9, "NOT field:*")]
    [InlineData("deleted_at = null", 14, "NOT field:*")]
    [InlineData("deleted_at = \"null\"", 14, "timestamp")]
    [InlineData("workspace_visible = True", 21, "true or false")]
    [InlineData("workspace_visible = 1", 21, "true or false")]
    [InlineData("status = 1", 10, "QUEUED")]
    [InlineData("due_at > \"0000-01-01T00:00:00Z\"", 10, "no such timestamp")]
    [InlineData("due_at > \"0001-01-01T00:00:00+01:00\"", 10, "no such timestamp")]
    [InlineData("due_at < \"9999-12-31T23:59:59-01:00\"", 10, "no such timestamp")]
    [InlineData("due_at < \"2030-02-30T00:00:00Z\"", 10, "no such timestamp")]
    [InlineData("due_at < \"2030-01-01T00:00:00+99:00\"", 10, "no such timestamp")]
    [InlineData("due_at < \"10000-01-01T00:00:00Z\"", 10, "timestamp in quotes")]
    [InlineData("due_at < \"2030-01-01T00:00:00123Z\"", 10, "timestamp in quotes")]
    [InlineData("due_at < \"2030-01-01T00:00:00.1234567890Z\"", 10, "timestamp in quotes")]
    [InlineData("due_at < \"２０30-01-01T00:00:00Z\"", 10, "timestamp in quotes")]
    public async Task A_value_that_its_field_cannot_have_Is_refused_with_advice(string filter, int position, string advice)
    {
        using var client = fixture.NewClient();
        await RefusedAsync(client, filter, position, advice);
    }

    [Theory]
    [InlineData("priority = 2147483647")]
    [InlineData("priority >= -2147483648")]
    [InlineData("due_at > \"0001-01-01T00:00:00Z\"")]
    [InlineData("due_at < \"9999-12-31T23:59:59.999999999Z\"")]
    [InlineData("due_at = \"2030-01-01t00:00:00.123456789z\"")]
    [InlineData("title = \"null\"")]
    [InlineData("title = NaN")]
    [InlineData("title = 1e999")]
    [InlineData("title = IN OR title = like")]
    public async Task A_value_at_its_fields_bound_Is_taken(string filter)
    {
        using var client = fixture.NewClient();
        await client.CreateAgentTaskAsync();
        await ListAsync(client, filter);
    }

    [Theory]
    [InlineData("status IN (QUEUED, FAILED)", 8, "status = QUEUED OR status = FAILED")]
    [InlineData("status in (QUEUED)", 8, "status = QUEUED OR status = FAILED")]
    [InlineData("status NOT IN (\"QUEUED\", \"FAILED\")", 8, "status = QUEUED OR status = FAILED")]
    [InlineData("status IN [QUEUED, FAILED]", 8, "status = QUEUED OR status = FAILED")]
    [InlineData("status = (QUEUED OR FAILED)", 10, "status = QUEUED OR status = FAILED")]
    [InlineData("status = QUEUED, status = FAILED", 16, "AND and OR")]
    [InlineData("title LIKE \"Refund%\"", 7, "star at either end")]
    [InlineData("title NOT LIKE \"Refund%\"", 7, "star at either end")]
    [InlineData("title =~ \"Refund.*\"", 8, "star at either end")]
    [InlineData("title ~ \"Refund.*\"", 7, "star at either end")]
    [InlineData("title CONTAINS \"Refund\"", 7, "star at either end")]
    [InlineData("priority BETWEEN 1 AND 3", 10, "priority >= 1 AND priority <= 3")]
    [InlineData("title == \"x\"", 8, "write = once")]
    [InlineData("title <> \"x\"", 8, "write !=")]
    [InlineData("priority => 3", 11, ">=")]
    [InlineData("priority EQ 3", 10, "comparators are")]
    [InlineData("priority = 1 && status = QUEUED", 14, "write AND")]
    [InlineData("priority = 1 || status = QUEUED", 14, "write OR")]
    [InlineData("(priority = 1) and status = QUEUED", 16, "AND in capitals")]
    [InlineData("priority = 1 or status = QUEUED", 14, "OR in capitals")]
    [InlineData("deleted_at IS NULL", 12, "NOT field:*")]
    [InlineData("deleted_at IS NOT NULL", 12, "NOT field:*")]
    [InlineData("status = QUEUED AND (priority = 1 && title LIKE \"a%\", title = b)", 35, "write AND")]
    [InlineData("status ! QUEUED AND title LIKE \"a\"", 8, "write != or NOT")]
    public async Task Words_and_signs_of_other_languages_Are_refused_with_what_to_write_instead(string filter, int position, string advice)
    {
        using var client = fixture.NewClient();
        await RefusedAsync(client, filter, position, advice);
    }

    private static async Task RefusedAsync(TaskGrpcClient client, string filter, int position, string advice)
    {
        var refusal = await Refusal.OfAsync(ErrorReason.InvalidFilter, () => ListAsync(client, filter));
        Assert.Equal(position.ToString(CultureInfo.InvariantCulture), refusal.Details["position"]);
        Assert.Contains(advice, refusal.Status.Detail, StringComparison.Ordinal);
        await Refusal.OfAsync(ErrorReason.InvalidFilter,
            () => WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = filter }));
    }

    private static async Task<AgentTask> CreateAsync(TaskGrpcClient client, Value value) =>
        await client.CreateAgentTaskAsync(new AgentTask(Sample.AgentTask()) { Metadata = new Struct { Fields = { ["n"] = value } } });

    private static async Task<List<AgentTask>> ListAsync(TaskGrpcClient client, string filter) =>
        [.. (await client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter, PageSize = 1000 })).AgentTasks];
}
