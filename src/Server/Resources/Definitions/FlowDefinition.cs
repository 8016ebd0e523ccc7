using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Resources.Validation;
using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>The tasks in a flow's YAML: names in order, and inputs. The server ignores other keys; the orchestrator reads them.</summary>
internal sealed class FlowDefinition
{
    private const int MostTasks = 1000;
    private const int MostNameCharacters = 256;

    private FlowDefinition(IReadOnlyList<FlowTask> tasks) => Tasks = tasks;

    public IReadOnlyList<FlowTask> Tasks { get; }

    /// <summary>The task's input in the definition; null if it has none.</summary>
    public Value? InputOf(string taskName) => Tasks.FirstOrDefault(task => task.Name == taskName)?.Input;

    /// <exception cref="DefinitionException">The text is not valid YAML, or its tasks are not valid.</exception>
    public static FlowDefinition Parse(string text)
    {
        var source = new YamlSource(text);
        var scanner = new Scanner(new StringReader(source.Text));
        try
        {
            var root = new YamlReader(new Parser(scanner), source).ReadDocument();
            return new FlowDefinition(Checked(TasksOf(root)));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // The library throws these for some malformed tags and escapes.
            throw new DefinitionException(scanner.CurrentPosition, "not valid YAML");
        }
        catch (YamlException exception)
        {
            // Some of the parser's errors give the start of the whole construct; the scanner's position is nearer to the error.
            var at = scanner.CurrentPosition.Line > exception.End.Line ? scanner.CurrentPosition : exception.End;
            throw new DefinitionException(at, $"not valid YAML: {Sentence(exception)}");
        }
    }

    private static List<FlowTask> TasksOf(YamlNode root)
    {
        if (root.Entries is null)
        {
            throw new DefinitionException(root.At, "the definition must be a mapping with the key 'tasks'");
        }

        var tasks = root.Entries.FirstOrDefault(entry => entry.Key == "tasks").Value
            ?? throw new DefinitionException(root.At, "the key 'tasks' is missing");
        return tasks.Items is { Count: > 0 } items
            ? [.. items.Select(Task)]
            : throw new DefinitionException(tasks.At, "'tasks' must be a list of at least one task, each with a 'name'");
    }

    private static FlowTask Task(YamlNode node)
    {
        if (node.Entries is null)
        {
            throw new DefinitionException(node.At, "a task must be a mapping with a 'name' and, optionally, an 'input'");
        }

        var name = node.Entries.FirstOrDefault(entry => entry.Key == "name").Value
            ?? throw new DefinitionException(node.At, "the task has no 'name'");
        if (name.Scalar is not { KindCase: Value.KindOneofCase.StringValue, StringValue: var text } || string.IsNullOrWhiteSpace(text))
        {
            throw new DefinitionException(name.At, "a name must be text and not blank; put a number or a boolean in quotes");
        }

        if (TextCheck.CodePoints(text) > MostNameCharacters)
        {
            throw new DefinitionException(name.At, $"a name can have at most {MostNameCharacters} characters");
        }

        return new FlowTask(text, node.Entries.FirstOrDefault(entry => entry.Key == "input").Value, name.At);
    }

    private static List<FlowTask> Checked(List<FlowTask> tasks)
    {
        if (tasks.Count > MostTasks)
        {
            throw new DefinitionException(tasks[MostTasks].At, $"a flow can have at most {MostTasks} tasks");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (!names.Add(task.Name))
            {
                throw new DefinitionException(task.At, $"an earlier task has the same name '{Faults.Clip.Of(task.Name, 40)}'");
            }
        }

        foreach (var node in tasks.SelectMany(task => task.Node?.Scalars() ?? []))
        {
            RequireKnown(node, names);
        }

        return tasks;
    }

    private static void RequireKnown(YamlNode node, HashSet<string> names)
    {
        if (node.Scalar is { KindCase: Value.KindOneofCase.StringValue } text
            && OutputReference.In(text.StringValue).FirstOrDefault(reference => !names.Contains(reference.Task)) is { } unknown)
        {
            throw new DefinitionException(
                node.At, $"'{{{{{Faults.Clip.Of(unknown.Text, 60)}}}}}' refers to a task that is not in the definition");
        }
    }

    /// <summary>The parser's message without the position, which ours gives already.</summary>
    private static string Sentence(YamlException exception)
    {
        var message = new StringBuilder(exception.Message).Replace('\n', ' ').ToString();
        var end = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return Faults.Clip.Of(end > 0 ? message[(end + 3)..] : message, 160);
    }
}

/// <param name="Name">Its name, unique in the definition.</param>
/// <param name="Node">Its input as written; null if it has none.</param>
/// <param name="At">The position of the name.</param>
internal sealed record FlowTask(string Name, YamlNode? Node, Mark At)
{
    /// <summary>The input as JSON, references unresolved; null if it has none.</summary>
    public Value? Input { get; } = Node?.ToJson();
}
