using TaskGrpc.Server.Resources.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// Reads one YAML document as the JSON that it stands for, by the <see cref="CoreSchema"/> of YAML 1.2. Anchors and aliases are refused: a few lines of them
/// stand for gigabytes.
/// </summary>
internal sealed class YamlReader(IParser parser, YamlSource source)
{
    /// <summary>As deep as other free-form data may be, less the levels of the definition itself.</summary>
    private const int MostLevels = 30;

    private const int MostKeyBytes = 4096;

    /// <exception cref="DefinitionException">The document has what JSON has not, or is too deep.</exception>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public YamlNode ReadDocument()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out var end))
        {
            throw new DefinitionException(end.Start, "the definition is empty");
        }

        parser.Consume<DocumentStart>();
        var root = Read(levels: 0);
        parser.Consume<DocumentEnd>();
        return parser.Accept<DocumentStart>(out var second) ? throw new DefinitionException(second.Start, "a definition is one document") : root;
    }

    private YamlNode Read(int levels)
    {
        if (parser.Accept<AnchorAlias>(out var alias))
        {
            throw new DefinitionException(alias.Start, "aliases are not open here; write it out");
        }

        if (parser.Accept<NodeEvent>(out var node) && !node.Anchor.IsEmpty)
        {
            throw new DefinitionException(node.Start, "anchors are not open here; write it out where it is meant");
        }

        if (levels > MostLevels)
        {
            throw new DefinitionException(parser.Current!.Start, $"the definition is nested deeper than {MostLevels} levels");
        }

        return parser.TryConsume<Scalar>(out var scalar) ? new YamlNode(scalar.Start, CoreSchema.Resolve(scalar, TextOf(scalar)), null, null)
            : parser.TryConsume<SequenceStart>(out var list) ? List(list, levels)
            : Mapping(parser.Consume<MappingStart>(), levels);
    }

    private YamlNode List(SequenceStart start, int levels)
    {
        RequireTag(start, "seq");
        return new YamlNode(start.Start, null, null, Items(levels));
    }

    private static void RequireTag(NodeEvent node, string name)
    {
        if (!CoreSchema.IsCollectionTag(node.Tag, name))
        {
            throw new DefinitionException(node.Start, $"the tag '{Faults.Clip.Of(node.Tag.Value, 60)}' is not one of YAML's core schema; leave it out");
        }
    }

    private List<YamlNode> Items(int levels)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(levels + 1));
        }

        return items;
    }

    private YamlNode Mapping(MappingStart start, int levels)
    {
        RequireTag(start, "map");
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key) || key.Value.Length > MostKeyBytes)
            {
                throw new DefinitionException((key ?? parser.Current!).Start, "a key is a short text");
            }

            var text = TextOf(key);
            if (!keys.Add(text))
            {
                throw new DefinitionException(key.Start, $"the key '{Faults.Clip.Of(text, 40)}' stands twice in one mapping");
            }

            entries.Add(new(text, Read(levels + 1)));
        }

        return new YamlNode(start.Start, null, entries, null);
    }

    /// <summary>A scalar's text as it was written.</summary>
    private string TextOf(Scalar scalar)
    {
        var text = source.Restore(scalar.Value);
        return TextCheck.Flaw(text) is { } flaw ? throw new DefinitionException(scalar.Start, $"text {flaw}") : text;
    }
}
