using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Google.Rpc;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Faults;

/// <summary>The closed list of reasons with the code and advice of each, read from the enum's own descriptor.</summary>
internal static class ErrorReasons
{
    private static readonly FrozenDictionary<ErrorReason, Entry> Entries =
        EnumNames<ErrorReason>.Values.Select(Describe).ToFrozenDictionary(entry => entry.Reason);

    /// <summary>Every reason but the unspecified one, in the order of the proto.</summary>
    public static IEnumerable<Entry> All => Entries.Values.OrderBy(entry => entry.Reason);

    public static Entry Of(ErrorReason reason) => Entries[reason];

    private static Entry Describe(EnumValueDescriptor value)
    {
        var options = value.GetOptions();
        return new Entry(
            (ErrorReason)value.Number,
            EnumNames<ErrorReason>.Bare(value),
            options.GetExtension(OptionsExtensions.Code),
            options.GetExtension(OptionsExtensions.Advice));
    }

    /// <summary>One reason.</summary>
    /// <param name="Reason">The enum's value.</param>
    /// <param name="Name">The name on the wire, without the enum's prefix.</param>
    /// <param name="Code">The status code of every error with this reason.</param>
    /// <param name="Advice">What the caller should do next.</param>
    internal sealed record Entry(ErrorReason Reason, string Name, Code Code, string Advice);
}
