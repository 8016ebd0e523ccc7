using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Finds the fields of a request whose data nests deeper than Protobuf's parsers read.</summary>
internal static class DepthCheck
{
    /// <summary>How many levels of messages this check reads. More could overflow the stack.</summary>
    private const int MostLevels = 1000;

    /// <summary>Looks for the error in a request that could not be parsed.</summary>
    /// <param name="request">An empty request.</param>
    /// <param name="bytes">The sent bytes.</param>
    /// <returns>INVALID_FIELD for the fields that nest too deep; null if the error is another one.</returns>
    public static Fault? FaultOf(IMessage request, byte[] bytes)
    {
        try
        {
            using var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes), int.MaxValue, MostLevels);
            request.MergeFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }

        var violations = new Violations();
        Check(request, "", violations);
        return violations.Refusal;
    }

    private static void Check(IMessage message, string parent, Violations violations)
    {
        foreach (var policy in FieldPolicy.Of(message.Descriptor)
            .Where(policy => policy.Field.FieldType == FieldType.Message && !policy.Field.IsMap))
        {
            var (path, value) = (new FieldPath(parent, policy.Field.Name), policy.Field.Accessor.GetValue(message));
            if (policy.Field.IsRepeated)
            {
                var items = (IList)value;
                for (var i = 0; i < items.Count; i++)
                {
                    CheckValue(policy, (IMessage)items[i]!, path with { Index = i }, violations);
                }
            }
            else if (value is IMessage single)
            {
                CheckValue(policy, single, path, violations);
            }
        }
    }

    private static void CheckValue(FieldPolicy policy, IMessage value, FieldPath path, Violations violations)
    {
        if (value is Struct or Value)
        {
            JsonCheck.Check(value, path.ToString(), violations, policy.MaxLevels);
        }
        else
        {
            Check(value, path + ".", violations);
        }
    }
}
