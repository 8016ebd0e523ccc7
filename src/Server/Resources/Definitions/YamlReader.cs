using TaskGrpc.Server.Resources.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// Reads one YAML document as JSON, by the <see cref="CoreSchema"/> of YAML 1.2. It refuses anchors and aliases: a few lines of
/// them can expand to gigabytes.
/// </summary>
internal sealed class YamlReader(IParser parser, YamlSource source)
{
    /// <summary>The depth limit of other free-form data, less the levels of the definition itself.</summary>
    private const int MostLevels = 30;

    private const int MostKeyCharacters = 4096;

    /// <exception cref="DefinitionException">JSON cannot hold the document, or it nests too deep.</exception>
    /// <exception cref="YamlException">The text is not valid YAML.</exception>
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
        return parser.Accept<DocumentStart>(out var second)
            ? throw new DefinitionException(second.Start, "a definition must be a single YAML document") : root;
    }

    private YamlNode Read(int levels)
    {
        if (parser.Accept<AnchorAlias>(out var alias))
        {
            throw new DefinitionException(alias.Start, "aliases are not supported; write the value out");
        }

        if (parser.Accept<NodeEvent>(out var node) && !node.Anchor.IsEmpty)
        {
            throw new DefinitionException(node.Start, "anchors are not supported; write the value out in each place");
        }

        if (levels > MostLevels)
        {
            throw new DefinitionException(parser.Current!.Start, $"the definition is nested deeper than {MostLevels} levels");
        }

        return parser.TryConsume<Scalar>(out var scalar)
            ? new YamlNode(scalar.Start, CoreSchema.Resolve(scalar, TextOf(scalar)), null, null)
            : parser.TryConsume<SequenceStart>(out var list) ? List(list, levels)
            : Mapping(parser.Consume<MappingStart>(), levels);
    }

    private YamlNode List(SequenceStart start, int levels)
    {
        RequireTag(start, "seq");
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(levels + 1));
        }

        return new YamlNode(start.Start, null, null, items);
    }

    private static void RequireTag(NodeEvent node, string name)
    {
        if (!CoreSchema.IsCollectionTag(node.Tag, name))
        {
            throw new DefinitionException(
                node.Start, $"the tag '{Faults.Clip.Of(node.Tag.Value, 60)}' is not in YAML's core schema; leave it out");
        }
    }

    private YamlNode Mapping(MappingStart start, int levels)
    {
        RequireTag(start, "map");
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key) || key.Value.Length > MostKeyCharacters)
            {
                throw new DefinitionException(
                    (key ?? parser.Current!).Start, $"a key must be text of at most {MostKeyCharacters} characters");
            }

            var text = TextOf(key);
            if (!keys.Add(text))
            {
                throw new DefinitionException(key.Start, $"the key '{Faults.Clip.Of(text, 40)}' appears twice in one mapping");
            }

            entries.Add(new(text, Read(levels + 1)));
        }

        return new YamlNode(start.Start, null, entries, null);
    }

    private string TextOf(Scalar scalar)
    {
        var text = source.Restore(scalar.Value);
        return TextCheck.Flaw(text) is { } flaw ? throw new DefinitionException(scalar.Start, $"text {flaw}") : text;
    }
}
