using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>What the contract says of one field, read from its descriptor: the annotations in the protos are the check.</summary>
internal sealed class FieldPolicy
{
    private const int DefaultMaxBytes = 4096;

    /// <summary>
    /// A trigger's context travels inside the alert, and the alert inside a flow's input: three levels further down than it came.
    /// </summary>
    private const int MostContextLevels = 24;

    private static readonly ConcurrentDictionary<MessageDescriptor, FieldPolicy[]> Known = new();

    private readonly bool _isMoment;

    private FieldPolicy(FieldDescriptor field)
    {
        Field = field;
        _isMoment = !field.IsRepeated && field.FieldType == FieldType.Message && field.MessageType == Timestamp.Descriptor;
        var options = field.GetOptions();
        var behaviors = options?.GetExtension(FieldBehaviorExtensions.FieldBehavior);
        IsRequired = behaviors?.Contains(FieldBehavior.Required) ?? false;
        IsOutputOnly = behaviors?.Contains(FieldBehavior.OutputOnly) ?? false;
        IsUpdatable = !IsOutputOnly && !(behaviors?.Contains(FieldBehavior.Immutable) ?? false);
        MaxCharacters = options?.GetExtension(OptionsExtensions.MaxCharacters) ?? 0;
        MaxItems = options?.GetExtension(OptionsExtensions.MaxItems) ?? 0;
        IsLookup = IsOne(field, TriggerMonitorTaskRequest.Descriptor, TriggerMonitorTaskRequest.TriggerKeyFieldNumber)
            || IsOne(field, GetTaskExecutionByKeyRequest.Descriptor, GetTaskExecutionByKeyRequest.TaskNameFieldNumber);
        MaxLevels = IsOne(field, TriggerMonitorTaskRequest.Descriptor, TriggerMonitorTaskRequest.ContextFieldNumber) ? MostContextLevels : JsonCheck.MostLevels;
        IsUuid = options?.GetExtension(OptionsExtensions.Uuid) ?? false;
        MaxBytes = options?.GetExtension(OptionsExtensions.MaxBytes) ?? 0;
        if (MaxBytes == 0 && MaxCharacters == 0 && field.FieldType == FieldType.String)
        {
            MaxBytes = DefaultMaxBytes;
        }
    }

    public FieldDescriptor Field { get; }

    public bool IsRequired { get; }

    public bool IsOutputOnly { get; }

    /// <summary>Whether an Update may change the field.</summary>
    public bool IsUpdatable { get; }

    /// <summary>The longest text in Unicode code points; 0 for no such limit.</summary>
    public int MaxCharacters { get; }

    /// <summary>The largest value in bytes; 0 for no such limit.</summary>
    public int MaxBytes { get; }

    /// <summary>The most elements; 0 for no such limit.</summary>
    public int MaxItems { get; }

    public bool IsUuid { get; }

    /// <summary>How deep free-form data in the field may be nested.</summary>
    public int MaxLevels { get; }

    /// <summary>Whether the field may name what is stored already. Older releases stored names without a visible character.</summary>
    public bool IsLookup { get; }

    public static FieldPolicy[] Of(MessageDescriptor message) =>
        Known.GetOrAdd(message, static message => [.. message.Fields.InFieldNumberOrder().Select(field => new FieldPolicy(field))]);

    /// <summary>Whether the caller sent the field at all, as far as the wire can tell.</summary>
    public bool IsPopulated(IMessage message) => TryGet(message, out _);

    /// <summary>The field's value, if the caller sent it.</summary>
    public bool TryGet(IMessage message, [NotNullWhen(true)] out object? value)
    {
        value = Field.HasPresence && !Field.Accessor.HasValue(message) ? null : Field.Accessor.GetValue(message);
        return value is not null && (Field.HasPresence || !IsDefault(value));
    }

    /// <summary>
    /// Cuts a moment to the microseconds in which moments are compared. The sent message itself stays as it is: other messages may share
    /// it.
    /// </summary>
    public void CutMoment(IMessage message)
    {
        if (_isMoment && Field.Accessor.GetValue(message) is Timestamp sent)
        {
            Field.Accessor.SetValue(message, Moment.Cut(sent));
        }
    }

    private static bool IsOne(FieldDescriptor field, MessageDescriptor message, int number) =>
        field.ContainingType == message && field.FieldNumber == number;

    private bool IsDefault(object value) => value switch
    {
        string text => text.Length == 0,
        System.Collections.ICollection items => items.Count == 0,
        bool flag => !flag,
        // A boxed enum is no int to a pattern, and asked as a number it is slow.
        _ when Field.FieldType == FieldType.Enum => (int)value == 0,
        var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) == 0,
    };
}
