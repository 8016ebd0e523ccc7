using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Client;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Filters;

/// <summary>Free-form data at the edges of what JSON, doubles and the databases' path languages can say.</summary>
public abstract class JsonValueTests(ServerFixture fixture)
{
    private static readonly string[] Keys =
    [
        "", " ", "$", "$.k", "@", "*", "**", "[0]", "#-1", "last", "strict", "a.b", "\"", "\\", "\\\"", "\\u0041", "'", "''; --", "k\"k",
        "k\\", "\n", "\t\b\f\r", "\u0001", "\u007f", "\u2028", "\uE000", "\uFFFF", "\uFDD0", "😀", "\u0378", "</script>",
        "+&<>", "K", "k", "é", "e\u0301",
    ];

    [Fact]
    public async Task Every_key_Finds_its_own_value_and_no_other()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, Keys.Select(key => new Struct { Fields = { [key] = Value.ForString("v") } }));
        foreach (var (key, task) in Keys.Zip(tasks))
        {
            var path = $"metadata.{Quote(key)}";
            foreach (var filter in new[] { $"{path} = \"v\"", $"{path} = \"*v\"", $"{path}:*", $"metadata:{Quote(key)}",
                $"{path} >= \"v\"" })
            {
                await FindsAsync(client, tasks, filter, [task]);
            }

            await FindsAsync(client, tasks, $"{path} != \"v\"", [.. tasks.Where(other => other != task)]);
        }
    }

    [Fact]
    public async Task Every_double_Equals_itself_and_lies_between_its_neighbours()
    {
        using var client = fixture.NewClient();
        var random = new Random(25);
        double[] numbers =
        [
            double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 2.2250738585072014E-308, 2.225073858507201E-308,
            1e308, 1e-300, 1e22, 1e23, 9007199254740993, 9223372036854775807, 9223372036854775808, -9223372036854775808,
                18446744073709551615, 0.1,
            0.30000000000000004, 123456789012345680, 5e-5, 4.35, 1.005,
            .. Enumerable.Range(0, 300).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64())).Where(double.IsFinite)
                .Where(number => number != 0),
        ];
        numbers = [.. numbers.Distinct().Order()];
        var tasks = await CreateAsync(client, numbers.Select(number => new Struct { Fields = { ["k"] = Value.ForNumber(number) } }));
        for (var i = 0; i < numbers.Length; i++)
        {
            var literal = numbers[i].ToString("R", CultureInfo.InvariantCulture);
            await FindsAsync(client, tasks, $"metadata.k = {literal}", [tasks[i]]);
            if (i % 16 == 0)
            {
                await FindsAsync(client, tasks, $"metadata.k < {literal}", tasks[..i]);
                await FindsAsync(client, tasks, $"metadata.k <= {literal}", tasks[..(i + 1)]);
            }
        }
    }

    [Fact]
    public async Task Null_nested_and_negative_zero_values_Mean_the_same_on_every_store()
    {
        using var client = fixture.NewClient();
        var inner = new Struct { Fields = { ["n"] = Value.ForNull(), ["e"] = Value.ForString(""), ["z"] = Value.ForNumber(-0.0) } };
        var tasks = await CreateAsync(client,
        [
            new Struct { Fields = { ["k"] = Value.ForNull() } },
            new Struct { Fields = { ["k"] = Value.ForStruct(inner) } },
            new Struct { Fields = { ["k"] = Value.ForList(Value.ForStruct(inner)) } },
            new Struct { Fields = { ["k"] = Value.ForString("") } },
            new Struct { Fields = { ["k"] = Value.ForString("{\"e\":\"\"}") } },
            new Struct(),
        ]);
        foreach (var (filter, matches) in new (string, int[])[]
        {
            ("metadata.k:*", [1, 2, 3, 4]), ("metadata.k.n:*", []), ("metadata.k.e:*", [1]), ("metadata.k.e = \"\"", [1]),
            ("metadata.k.e = \"*\"", [1]), ("metadata.k.z = 0", [1]),
            ("metadata.k.z = -0", [1]), ("metadata.k.z < 0", []), ("metadata.k = \"\"", [3]), ("metadata.k = \"*\"", [3, 4]),
            ("metadata.k != \"\"", [0, 1, 2, 4, 5]), ("NOT metadata.k = \"**\"", [0, 1, 2, 5]), ("metadata.k.e < \"a\"", [1]),
                ("NOT metadata.k.z >= 0", [0, 2, 3, 4, 5]),
        })
        {
            await FindsAsync(client, tasks, filter, [.. matches.Select(i => tasks[i])]);
        }
    }

    [Fact]
    public async Task A_path_as_deep_as_a_filter_is_long_Leads_nowhere_without_a_failure()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(
            client, [new Struct { Fields = { ["a"] = Value.ForStruct(new() { Fields = { ["a"] = Value.ForNumber(1) } }) } }]);
        var deep = "metadata" + string.Concat(Enumerable.Repeat(".a", 2000));
        await FindsAsync(client, tasks, $"{deep} = 1", []);
        await FindsAsync(client, tasks, $"NOT {deep}:*", tasks);
    }

    private async Task FindsAsync(TaskGrpcClient client, AgentTask[] tasks, string filter, AgentTask[] expected)
    {
        var listed = await client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter, PageSize = 1000 });
        Assert.True(Ids(expected).SequenceEqual(Ids(listed.AgentTasks)), $"{filter} in the database");
        var inMemory = fixture.Server.Services.GetRequiredService<KindDefinition<AgentTask>>().Filter(filter);
        Assert.True(Ids(expected).SequenceEqual(Ids(tasks.Where(task => inMemory(task)))), $"{filter} in memory");
    }

    private static IEnumerable<string> Ids(IEnumerable<AgentTask> tasks) => tasks.Select(task => task.Id).Order(StringComparer.Ordinal);

    private static async Task<AgentTask[]> CreateAsync(TaskGrpcClient client, IEnumerable<Struct> metadata)
    {
        var tasks = metadata.Select(json => new AgentTask(Sample.AgentTask()) { Metadata = json });
        return [.. (await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { tasks } })).AgentTasks];
    }

    private static string Quote(string text) =>
        $"\"{string.Concat(text.Select(letter => letter is '"' or '\\' or '*' ? $"\\{letter}" : $"{letter}"))}\"";
}
