using CsCheck;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>
/// Absent and empty are two states of every optional field: an Update stores the state that it sends, and the log keeps them apart.
/// </summary>
public abstract class PresenceTests(ServerFixture fixture)
{
    private const long Ahead = 30_000_000_000;

    private static readonly Gen<(int State, bool IsNamed)[]> Steps = Gen.Select(Gen.Int[0, 2], Gen.Bool).Array[32];

    [Fact]
    public async Task Presence_of_every_field_of_an_agent_task_Is_stored_and_logged()
    {
        using var client = fixture.NewClient();
        await ToggleAsync(
            client, await client.CreateAgentTaskAsync(),
                (task, mask) => client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = task, UpdateMask = mask }),
                id => client.AgentTasks.GetAgentTaskAsync(new() { Id = id }));
    }

    [Fact]
    public async Task Presence_of_every_field_of_a_board_task_Is_stored_and_logged()
    {
        using var client = fixture.NewClient();
        await ToggleAsync(
            client, await client.CreateBoardTaskAsync(),
                (task, mask) => client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = task, UpdateMask = mask }),
                id => client.BoardTasks.GetBoardTaskAsync(new() { Id = id }));
    }

    [Fact]
    public async Task Presence_of_every_field_of_a_monitor_task_Is_stored_and_logged()
    {
        using var client = fixture.NewClient();
        await ToggleAsync(
            client, await client.CreateMonitorTaskAsync(),
                (task, mask) => client.MonitorTasks.UpdateMonitorTaskAsync(new() { MonitorTask = task, UpdateMask = mask }),
                id => client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = id }));
    }

    [Fact]
    public async Task An_empty_endpoint_inside_a_delivery_Is_a_change()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var target = task.Delivery.Clone();
        target.Endpoint = "";

        var updated =
            await client.MonitorTasks.UpdateMonitorTaskAsync(new() { MonitorTask = new() { TaskId = task.TaskId, Delivery = target } });

        Assert.True(updated.Delivery.HasEndpoint);
        Assert.NotEqual(task.Etag, updated.Etag);
        Assert.Equal(1, await client.ListMonitorTasksAsync(new() { Filter = "delivery.endpoint = \"\"" }).CountAsync());
    }

    private static async Task ToggleAsync<T>(
        TaskGrpcClient client, T created, Func<T, FieldMask, AsyncUnaryCall<T>> update, Func<string, AsyncUnaryCall<T>> get)
        where T : class, IMessage<T>, IResource, new()
    {
        var toggles = Toggles(created.Descriptor).ToArray();
        Assert.NotEmpty(toggles);
        List<T> states = [created];
        await Steps.SampleAsync(
            async steps =>
            {
                var wanted = states[^1].Clone();
                var mask = new FieldMask();
                foreach (var (toggle, (state, isNamed)) in toggles.Zip(steps))
                {
                    if (isNamed)
                    {
                        toggle.Set(wanted, state);
                        mask.Paths.Add(toggle.Path[0].Name);
                    }
                }

                var updated = await update(wanted, mask);
                if (wanted.Equals(states[^1]) && wanted.ToByteString() == states[^1].ToByteString())
                {
                    Assert.Equal(states[^1].ToByteString(), updated.ToByteString());
                    return;
                }

                (wanted.Etag, wanted.UpdatedAt) = (updated.Etag, updated.UpdatedAt);
                Assert.Equal(wanted.ToByteString(), updated.ToByteString());
                Assert.Equal(wanted.ToByteString(), (await get(wanted.Id)).ToByteString());
                states.Add(updated);
            },
            iter: 60,
            threads: 1);

        // Each state follows from the later state and the `previous` of its change.
        var changes = (await client.Changes.ListChangesAsync(new() { Ids = { created.Id }, PageSize = 1000 })).Events.Select(seen =>
            seen.Change).ToArray();
        Assert.Equal(states.Count, changes.Length);
        for (var i = 1; i < changes.Length; i++)
        {
            var restored = Part<T>(changes[i], "resource").Clone();
            Assert.Equal(states[i].ToByteString(), restored.ToByteString());
            foreach (var field in changes[i].ChangedFields.Paths.Select(restored.Descriptor.FindFieldByName))
            {
                Copy(field, Part<T>(changes[i], "previous"), restored);
            }

            Assert.Equal(states[i - 1].ToByteString(), restored.ToByteString());
        }
    }

    /// <summary>The fields, nested ones too, that an Update may send absent, empty or filled.</summary>
    private static IEnumerable<Toggle> Toggles(MessageDescriptor message, params FieldDescriptor[] parents) =>
        message.Fields.InDeclarationOrder()
        .Where(field =>
            field.GetOptions()?.GetExtension(FieldBehaviorExtensions.FieldBehavior) is not { } behaviors
            || !behaviors.Any(behavior => behavior is FieldBehavior.OutputOnly or FieldBehavior.Immutable))
        // The sample is a NOTIFICATION, which requires its channel.
        .Where(field => field.HasPresence && field.Name != "channel")
        .SelectMany(field => field.FieldType switch
        {
            FieldType.String => [new([.. parents, field], "", "text")],
            // A moment that has passed changes other fields too, so both lie ahead.
            FieldType.Message when field.MessageType == Timestamp.Descriptor =>
                [new([.. parents, field], new Timestamp { Seconds = Ahead }, new Timestamp { Seconds = Ahead + 1 })],
            FieldType.Message when field.MessageType == Struct.Descriptor =>
                [new([.. parents, field], new Struct(), new Struct { Fields = { ["a"] = Value.ForNull() } })],
            FieldType.Message => Toggles(field.MessageType, [.. parents, field]),
            // Numbers and flags have defaults, so they are never absent.
            _ => Enumerable.Empty<Toggle>(),
        });

    private static T Part<T>(Change change, string oneof)
        where T : IMessage =>
            (T)Change.Descriptor.Oneofs.Single(candidate =>
                candidate.Name == oneof).Accessor.GetCaseFieldDescriptor(change).Accessor.GetValue(change);

    private static void Copy(FieldDescriptor field, IMessage from, IMessage to)
    {
        field.Accessor.Clear(to);
        if (!field.HasPresence || field.Accessor.HasValue(from))
        {
            field.Accessor.SetValue(to, field.Accessor.GetValue(from));
        }
    }

    private sealed record Toggle(FieldDescriptor[] Path, object Empty, object Filled)
    {
        public void Set(IMessage message, int state)
        {
            var holder = Path[..^1].Aggregate(message, (parent, field) => (IMessage)field.Accessor.GetValue(parent));
            Path[^1].Accessor.Clear(holder);
            if (state > 0)
            {
                Path[^1].Accessor.SetValue(holder, state == 1 ? Empty : Filled);
            }
        }
    }
}
