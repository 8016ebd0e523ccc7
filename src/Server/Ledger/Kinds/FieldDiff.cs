using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>Tells two states of a resource apart, field by field.</summary>
internal static class FieldDiff
{
    /// <summary>Names the top-level fields that differ and puts their old values into <paramref name="previous"/>.</summary>
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

    /// <summary>Makes the target's field what the source's is, set or unset.</summary>
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
