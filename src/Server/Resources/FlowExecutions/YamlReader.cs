using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Resources.Requests;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>
/// Reads one YAML document as the JSON that it stands for: of the core schema of YAML 1.2 what JSON has too, which is null, booleans and
/// decimal numbers. Anything else is text. Anchors and aliases are refused: a few lines of them stand for gigabytes.
/// </summary>
internal sealed class YamlReader(IParser parser)
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

        return parser.TryConsume<Scalar>(out var scalar) ? new YamlNode(scalar.Start, ToJson(scalar), null, null)
            : parser.TryConsume<SequenceStart>(out var list) ? new YamlNode(list.Start, null, null, Items(levels))
            : Mapping(parser.Consume<MappingStart>(), levels);
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
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key) || key.Value.Length > MostKeyBytes)
            {
                throw new DefinitionException((key ?? parser.Current!).Start, "a key is a short text");
            }

            RequireText(key);
            if (!keys.Add(key.Value))
            {
                throw new DefinitionException(key.Start, $"the key '{Faults.Clip.Of(key.Value, 40)}' stands twice in one mapping");
            }

            entries.Add(new(key.Value, Read(levels + 1)));
        }

        return new YamlNode(start.Start, null, entries, null);
    }

    private static Value ToJson(Scalar scalar)
    {
        RequireText(scalar);
        return scalar switch
        {
            { Style: not ScalarStyle.Plain } => Value.ForString(scalar.Value),
            { Tag.IsEmpty: false } when scalar.Tag.Value == "tag:yaml.org,2002:str" => Value.ForString(scalar.Value),
            { Value: "" or "~" or "null" or "Null" or "NULL" } => Value.ForNull(),
            { Value: "true" or "True" or "TRUE" } => Value.ForBool(true),
            { Value: "false" or "False" or "FALSE" } => Value.ForBool(false),
            _ => Number(scalar),
        };
    }

    private static void RequireText(Scalar scalar)
    {
        if (TextCheck.Flaw(scalar.Value) is { } flaw)
        {
            throw new DefinitionException(scalar.Start, $"text {flaw}");
        }
    }

    private static Value Number(Scalar scalar)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return (char.IsAsciiDigit(scalar.Value[^1]) || scalar.Value[^1] == '.')
            && scalar.Value[0] is '+' or '-' or '.' or (>= '0' and <= '9')
            && double.TryParse(scalar.Value, style, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? Value.ForNumber(number)
            : Value.ForString(scalar.Value);
    }
}
