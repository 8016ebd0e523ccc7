using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.FlowExecutions;

/// <summary>
/// Definitions follow the core schema of YAML 1.2 (section 10.3); what JSON cannot express is refused with its position.
/// </summary>
public abstract class DefinitionTests(ServerFixture fixture)
{
    private const string Stem = "tasks:\n- name: a\n  input: ";

    public static TheoryData<string, string> Scalars => new()
    {
        // Null and booleans: three spellings each, and no other.
        { "", "null" }, { "~", "null" }, { "null", "null" }, { "Null", "null" }, { "NULL", "null" }, { "nULL", "\"nULL\"" },
        { "true", "true" }, { "True", "true" }, { "TRUE", "true" }, { "tRue", "\"tRue\"" }, { "false", "false" }, { "False", "false" },
            { "FALSE", "false" },
        { "yes", "\"yes\"" }, { "no", "\"no\"" }, { "on", "\"on\"" }, { "off", "\"off\"" }, { "y", "\"y\"" }, { "N", "\"N\"" },
        // Integers.
        { "0", "0" }, { "42", "42" }, { "-42", "-42" }, { "+42", "42" }, { "0123", "123" }, { "0o17", "15" }, { "0x1F", "31" },
            { "0xff", "255" },
        { "9007199254740992", "9007199254740992" }, { "-9007199254740992", "-9007199254740992" },
            { "0x20000000000000", "9007199254740992" }, { "10000000000000000000000", "1e22" },
        { "1_000", "\"1_000\"" }, { "1,000", "\"1,000\"" }, { "0b101", "\"0b101\"" }, { "0o8", "\"0o8\"" }, { "0xG", "\"0xG\"" },
            { "0x", "\"0x\"" }, { "0X1F", "\"0X1F\"" }, { "-0x1F", "\"-0x1F\"" },
        { "+0o7", "\"+0o7\"" }, { "190:20:30", "\"190:20:30\"" }, { "--1", "\"--1\"" }, { "+", "\"+\"" },
        // Floats.
        { "2.5", "2.5" }, { "-0.5", "-0.5" }, { ".5", "0.5" }, { "-.5", "-0.5" }, { "5.", "5" }, { "1e3", "1000" }, { "1.E3", "1000" },
            { "12.5e-1", "1.25" }, { "+1.5E+2", "150" },
        { ".", "\".\"" }, { "1e", "\"1e\"" }, { "1.2.3", "\"1.2.3\"" }, { "e3", "\"e3\"" }, { "inf", "\"inf\"" }, { "nan", "\"nan\"" },
            { ".Nan", "\".Nan\"" }, { "+.nan", "\"+.nan\"" },
        // Text: timestamps, quotes, blocks, tags.
        { "2001-12-14", "\"2001-12-14\"" }, { "2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\"" }, { "5m", "\"5m\"" },
            { "\"42\"", "\"42\"" }, { "'true'", "\"true\"" },
        { "|\n    42\n", "\"42\\n\"" }, { ">\n    a\n    b\n", "\"a b\\n\"" }, { "a\tb", "\"a\\tb\"" }, { "!!str 42", "\"42\"" },
            { "! 42", "\"42\"" }, { "!!int \"42\"", "42" }, { "!!float 1", "1" },
        { "!!bool 'true'", "true" }, { "!!null ''", "null" }, { "!!seq [1]", "[1]" }, { "!!map {x: 1}", "{\"x\":1}" },
        { "{<<: {x: 1}, y: 2}", "{\"<<\":{\"x\":1},\"y\":2}" }, { "{1: a, true: b}", "{\"1\":\"a\",\"true\":\"b\"}" },
        // Ordinary characters in YAML 1.2; line breaks in YAML 1.1.
        { "x\u0085y", "\"x\u0085y\"" }, { "x\u2028b: y", "{\"x\u2028b\":\"y\"}" }, { "\"x\u2029y\"", "\"x\u2029y\"" },
            { "|\n    x\u0085y\n    z\n", "\"x\u0085y\\nz\\n\"" }, { "1 # c\u2028b: 2", "1" },
        { "\"x\u2028\\uE000\\N\\L\\P\ue001\"", "\"x\u2028\ue000\u0085\u2028\u2029\ue001\"" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { Stem + "9007199254740993", "line 3, column 10" },
        { Stem + "-9007199254740993", "line 3, column 10" },
        { Stem + "[1, 0x20000000000001]", "line 3, column 14" },
        { Stem + "0o400000000000000001", "line 3, column 10" },
        { Stem + "1" + new string('0', 309), "line 3, column 10" },
        { Stem + "1e400", "line 3, column 10" },
        { Stem + "-1.5e309", "line 3, column 10" },
        { Stem + ".inf", "line 3, column 10" },
        { Stem + "-.INF", "line 3, column 10" },
        { Stem + "[x, .NaN]", "line 3, column 14" },
        { Stem + "!!int 1.5", "line 3, column 10" },
        { Stem + "!!bool yes", "line 3, column 10" },
        { Stem + "!!timestamp 2001-12-14", "line 3, column 10" },
        { Stem + "!mine x", "line 3, column 10" },
        { Stem + "!!set {x}", "line 3, column 10" },
        { Stem + "{x: 1, x: 2}", "line 3, column 17" },
        { Stem + "{x: 1, \"x\": 2}", "line 3, column 17" },
        { Stem + "&anchor x", "line 3, column 10" },
        { Stem + "*alias", "line 3, column 10" },
        { Stem + "{<<: *alias}", "line 3, column 15" },
        { Stem + "x\u0007y", "line 3, column 11" },
        { "tasks:\r\n- name: a\r  input: \u0001", "line 3, column 10" },
        { Stem + "x\n---\ntasks: []", "line 4, column 1" },
        { Stem + "x\n...\ntasks: []", "line 5" },
        { "tasks:\n\t- name: a", "line 2" },
        { "\ufefftasks:\n- nam: a", "line 2, column 3" },
        { "# \u2028\u0085\ntasks: 1", "line 2, column 8" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public async Task A_scalar_Is_what_the_core_schema_says(string yaml, string json)
    {
        using var client = fixture.NewClient();
        // Within a list, so that null is a value and not an absent field.
        var isBlock = yaml.Contains('\n') || yaml.Contains(": y", StringComparison.Ordinal) || yaml.Contains('#');
        var flow = await client.CreateFlowExecutionAsync($"tasks:\n- name: a\n  input:\n  - {yaml}{(isBlock ? "\n" : "\n  - end\n")}");
        var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "a"));
        Assert.Equal(Value.Parser.ParseJson(json), execution.Input.ListValue.Values[0]);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_value_that_JSON_does_not_have_Is_refused_with_its_place(string definition, string place)
    {
        using var client = fixture.NewClient();
        var refused = await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync(definition), "flow_execution.definition");
        Assert.StartsWith(place, refused.FieldViolations.Single().Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_Is_taken_and_kept()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync("\ufeff" + Stem + "1");
        Assert.Equal(("\ufeff" + Stem + "1", "a"), (flow.Definition, flow.TaskNames.Single()));
        Assert.Equal(Value.ForNumber(1), (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "a"))).Input);
    }
}
