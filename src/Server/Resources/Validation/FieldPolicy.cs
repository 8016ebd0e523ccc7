using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>The contract's rules for one field, read from the annotations in the protos.</summary>
internal sealed class FieldPolicy
{
    private const int DefaultMaxBytes = 4096;

    /// <summary>
    /// A trigger's context is stored in the alert, and the alert in a flow's input: three levels deeper than in the request.
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
        MaxLevels = IsOne(field, TriggerMonitorTaskRequest.Descriptor, TriggerMonitorTaskRequest.ContextFieldNumber)
            ? MostContextLevels : JsonCheck.MostLevels;
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

    public bool IsUpdatable { get; }

    /// <summary>The most Unicode code points; 0 for no limit.</summary>
    public int MaxCharacters { get; }

    /// <summary>The most bytes; 0 for no limit.</summary>
    public int MaxBytes { get; }

    /// <summary>The most elements; 0 for no limit.</summary>
    public int MaxItems { get; }

    public bool IsUuid { get; }

    /// <summary>The most levels of free-form data.</summary>
    public int MaxLevels { get; }

    /// <summary>Whether the field can look up a stored name. Older releases stored names without a visible character.</summary>
    public bool IsLookup { get; }

    public static FieldPolicy[] Of(MessageDescriptor message) =>
        Known.GetOrAdd(message, static message => [.. message.Fields.InFieldNumberOrder().Select(field => new FieldPolicy(field))]);

    /// <summary>Whether the caller sent the field, as far as the wire format shows it.</summary>
    public bool IsPopulated(IMessage message) => TryGet(message, out _);

    public bool TryGet(IMessage message, [NotNullWhen(true)] out object? value)
    {
        value = Field.HasPresence && !Field.Accessor.HasValue(message) ? null : Field.Accessor.GetValue(message);
        return value is not null && (Field.HasPresence || !IsDefault(value));
    }

    /// <summary>
    /// Cuts a timestamp to microseconds, in which timestamps are compared. It replaces the Timestamp message, which other messages may
    /// share.
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
        // A boxed enum matches no int pattern, and Convert.ToDouble is slow on it.
        _ when Field.FieldType == FieldType.Enum => (int)value == 0,
        var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) == 0,
    };
}
