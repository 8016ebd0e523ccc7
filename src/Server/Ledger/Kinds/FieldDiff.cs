using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>Compares two states of a resource, field by field.</summary>
internal static class FieldDiff
{
    /// <summary>The top-level fields that differ; copies their old values to <paramref name="previous"/>.</summary>
    public static FieldMask Between(IMessage before, IMessage after, IMessage previous)
    {
        var changed = new FieldMask();
        foreach (var field in before.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!Same(field, before, after))
            {
                changed.Paths.Add(field.Name);
                Copy(field, before, previous);
            }
        }

        return changed;
    }

    public static bool Same(FieldDescriptor field, IMessage one, IMessage other) =>
        (!field.HasPresence || field.Accessor.HasValue(one) == field.Accessor.HasValue(other))
        && Presence.Equal(field.Accessor.GetValue(one), field.Accessor.GetValue(other));

    /// <summary>Copies a field to the target, and clears it there if the source does not have it.</summary>
    public static void Copy(FieldDescriptor field, IMessage source, IMessage target)
    {
        field.Accessor.Clear(target);
        if (field.IsRepeated)
        {
            var values = (System.Collections.IList)field.Accessor.GetValue(target);
            foreach (var value in (System.Collections.IList)field.Accessor.GetValue(source))
            {
                values.Add(value);
            }
        }
        else if (!field.HasPresence || field.Accessor.HasValue(source))
        {
            field.Accessor.SetValue(target, field.Accessor.GetValue(source));
        }
    }
}
