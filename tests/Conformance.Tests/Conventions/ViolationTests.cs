using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>
/// An error lists each violation once. <see cref="Refusal"/> checks that for every refusal in this suite; here every call is as wrong as
/// possible.
/// </summary>
public abstract class ViolationTests(ServerFixture fixture)
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    public static TheoryData<string> Calls =>
        [.. ServedContract.Services.SelectMany(service => service.Methods)
            .Where(method => !method.IsServerStreaming && method.InputType.Fields.InFieldNumberOrder().Count > 0)
            .Select(method => method.FullName)];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_request_that_is_wrong_everywhere_Gets_no_violation_twice(string name)
    {
        var method = ServedContract.Services.SelectMany(service => service.Methods).Single(method => method.FullName == name);
        var call = new Method<byte[], byte[]>(MethodType.Unary, method.Service.FullName, method.Name, Bytes, Bytes);
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        foreach (var variant in new[] { 0, 1, 2 })
        {
            var request = Wrong(method.InputType, variant, depth: 0).ToByteArray();
            using var sent = channel.CreateCallInvoker()
                .AsyncUnaryCall(call, null, new CallOptions(new Metadata { { "x-organization-id", "violations" } }), request);
            var refusal = await Assert.ThrowsAsync<RpcException>(() => sent.ResponseAsync);
            Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
            var violations = refusal.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;
            Assert.NotEmpty(violations);
            Assert.Distinct(violations.Select(violation => (violation.Field, violation.Description)));
        }
    }

    [Fact]
    public async Task A_context_that_json_cannot_hold_Is_one_violation()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        Task TriggerAsync(Struct context) =>
            client.MonitorTasks.TriggerMonitorTaskAsync(new() { TaskId = task.TaskId, TriggerKey = "k", Context = context }).ResponseAsync;

        if (!fixture.IsJson)
        {
            await Refusal.OfFieldsAsync(() => TriggerAsync(new() { Fields = { ["a"] = Value.ForNumber(double.NaN) } }), "context.a");
            await Refusal.OfFieldsAsync(() =>
                TriggerAsync(
                    new() { Fields = { ["a"] = Value.ForList(Value.ForNumber(double.NaN), new Value(), Value.ForNumber(double.NaN)) } }),
                        "context.a[]", "context.a[]");
        }

        await Refusal.OfFieldsAsync(
            () => TriggerAsync(new() { Fields = { ["\0"] = Value.ForNull(), ["\0\0"] = Value.ForNull() } }), "context");
        foreach (var levels in new[] { 25, 30, 32 })
        {
            var refusal = await Refusal.OfFieldsAsync(() => TriggerAsync(new() { Fields = { ["a"] = Nested(levels - 1) } }), "context");
            Assert.Contains("24 levels", refusal.Message, StringComparison.Ordinal);
        }

        await TriggerAsync(new() { Fields = { ["a"] = Nested(23) } });
    }

    private static Value Nested(int levels) =>
        levels == 0 ? Value.ForNumber(1) : Value.ForStruct(new Struct { Fields = { ["a"] = Nested(levels - 1) } });

    private static IMessage Wrong(MessageDescriptor descriptor, int variant, int depth)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InFieldNumberOrder().Where(field => !field.IsMap))
        {
            if (field.IsRepeated)
            {
                var items = (System.Collections.IList)field.Accessor.GetValue(message);
                items.Add(WrongValue(field, variant, depth));
                items.Add(WrongValue(field, variant, depth));
            }
            else
            {
                field.Accessor.SetValue(message, WrongValue(field, variant, depth));
            }
        }

        return message;
    }

    private static object WrongValue(FieldDescriptor field, int variant, int depth) => field.FieldType switch
    {
        FieldType.String => variant switch { 0 => "a\0b", 1 => new string(' ', 70_000), _ => " " },
        FieldType.Bool => true,
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, 99),
        FieldType.Int32 => -3,
        FieldType.Int64 => -3L,
        _ when field.MessageType == Timestamp.Descriptor => new Timestamp { Nanos = -1 },
        _ when field.MessageType == Duration.Descriptor => new Duration { Nanos = -1, Seconds = 1 },
        _ when field.MessageType == FieldMask.Descriptor =>
            new FieldMask { Paths = { new string('x', 300) + "1", new string('x', 300) + "2", "status", "status" } },
        _ when field.MessageType == Struct.Descriptor => Json.StructValue,
        _ when field.MessageType == Value.Descriptor => Json,
        _ => depth > 3 ? field.MessageType.Parser.ParseFrom(ByteString.Empty) : Wrong(field.MessageType, variant, depth + 1),
    };

    private static Value Json => Value.ForStruct(new Struct
    {
        Fields =
        {
            ["list"] = Value.ForList(Value.ForNumber(double.NaN), Value.ForNumber(double.NaN), new Value(), new Value(),
                Value.ForString("\0"), Value.ForString("\0")),
            ["\0"] = Value.ForNumber(double.PositiveInfinity),
            ["deep"] = Value.ForList(Nested(27), Nested(27)),
        },
    });
}
