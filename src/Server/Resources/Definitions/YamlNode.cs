using Google.Protobuf.WellKnownTypes;
using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>A node of a YAML document with its position: a scalar, the entries of a mapping, or the items of a list.</summary>
internal sealed record YamlNode(
    Mark At, Value? Scalar, IReadOnlyList<KeyValuePair<string, YamlNode>>? Entries, IReadOnlyList<YamlNode>? Items)
{
    /// <summary>All scalars in and below this node.</summary>
    public IEnumerable<YamlNode> Scalars() =>
        Scalar is not null ? [this] : (Entries?.Select(entry => entry.Value) ?? Items!).SelectMany(node => node.Scalars());

    public Value ToJson()
    {
        if (Scalar is not null)
        {
            return Scalar.Clone();
        }

        if (Items is not null)
        {
            return Value.ForList([.. Items.Select(item => item.ToJson())]);
        }

        var json = new Struct();
        foreach (var (key, node) in Entries!)
        {
            json.Fields[key] = node.ToJson();
        }

        return Value.ForStruct(json);
    }
}
