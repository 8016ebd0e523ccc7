using System.Collections.Concurrent;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Requests;

/// <summary>What the contract says of one field, read from its descriptor: the annotations in the protos are the check.</summary>
internal sealed class FieldPolicy
{
    private const int DefaultMaxBytes = 4096;

    private static readonly ConcurrentDictionary<MessageDescriptor, FieldPolicy[]> Known = new();

    private FieldPolicy(FieldDescriptor field)
    {
        Field = field;
        var options = field.GetOptions();
        var behaviors = options?.GetExtension(FieldBehaviorExtensions.FieldBehavior);
        IsRequired = behaviors?.Contains(FieldBehavior.Required) ?? false;
        IsOutputOnly = behaviors?.Contains(FieldBehavior.OutputOnly) ?? false;
        IsUpdatable = !IsOutputOnly && !(behaviors?.Contains(FieldBehavior.Immutable) ?? false);
        MaxCharacters = options?.GetExtension(OptionsExtensions.MaxCharacters) ?? 0;
        MaxItems = options?.GetExtension(OptionsExtensions.MaxItems) ?? 0;
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

    public static IReadOnlyList<FieldPolicy> Of(MessageDescriptor message) =>
        Known.GetOrAdd(message, static message => [.. message.Fields.InFieldNumberOrder().Select(field => new FieldPolicy(field))]);

    /// <summary>Whether the caller sent the field at all, as far as the wire can tell.</summary>
    public bool IsPopulated(IMessage message)
    {
        if (Field.HasPresence)
        {
            return Field.Accessor.HasValue(message);
        }

        return Field.Accessor.GetValue(message) switch
        {
            string text => text.Length > 0,
            System.Collections.ICollection items => items.Count > 0,
            bool flag => flag,
            var number => Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture) != 0,
        };
    }
}
