using Google.Protobuf;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>A change's resource, of any kind.</summary>
public static class ChangedResource
{
    /// <summary>The state after the change.</summary>
    public static IResource After(Change change) => (IResource)Of(change, "resource")!;

    /// <summary>The changed fields with their old values; null at creation.</summary>
    public static IMessage? Previous(Change change) => Of(change, "previous");

    private static IMessage? Of(Change change, string oneof)
    {
        var set = Change.Descriptor.Oneofs.Single(candidate => candidate.Name == oneof).Accessor.GetCaseFieldDescriptor(change);
        return (IMessage?)set?.Accessor.GetValue(change);
    }
}
