using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Resources.Validation;
using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>What a flow's YAML says of its tasks: their names in order, and each one's input. Other keys are the orchestrator's own.</summary>
internal sealed class FlowDefinition
{
    private const int MostTasks = 1000;
    private const int MostNameCharacters = 256;

    private FlowDefinition(IReadOnlyList<FlowTask> tasks) => Tasks = tasks;

    public IReadOnlyList<FlowTask> Tasks { get; }

    /// <summary>The input that the definition gives a task; null if it gives none.</summary>
    public Value? InputOf(string taskName) => Tasks.FirstOrDefault(task => task.Name == taskName)?.Input;

    /// <exception cref="DefinitionException">It is no YAML, or says something else than tasks with names and inputs.</exception>
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
            // What the library says of some malformed tags and escapes.
            throw new DefinitionException(scanner.CurrentPosition, "is no YAML");
        }
        catch (YamlException exception)
        {
            // Some of the parser's errors tell where the whole began; how far it has read is nearer.
            var at = scanner.CurrentPosition.Line > exception.End.Line ? scanner.CurrentPosition : exception.End;
            throw new DefinitionException(at, $"is no YAML: {Sentence(exception)}");
        }
    }

    private static List<FlowTask> TasksOf(YamlNode root)
    {
        if (root.Entries is null)
        {
            throw new DefinitionException(root.At, "a mapping with the key 'tasks' was expected");
        }

        var tasks = root.Entries.FirstOrDefault(entry => entry.Key == "tasks").Value ?? throw new DefinitionException(root.At, "the key 'tasks' is missing");
        return tasks.Items is { Count: > 0 } items
            ? [.. items.Select(Task)]
            : throw new DefinitionException(tasks.At, "'tasks' must be a list of at least one task, each with a 'name'");
    }

    private static FlowTask Task(YamlNode node)
    {
        if (node.Entries is null)
        {
            throw new DefinitionException(node.At, "a task is a mapping with a 'name' and optionally an 'input'");
        }

        var name = node.Entries.FirstOrDefault(entry => entry.Key == "name").Value ?? throw new DefinitionException(node.At, "the task has no 'name'");
        if (name.Scalar is not { KindCase: Value.KindOneofCase.StringValue, StringValue: var text } || string.IsNullOrWhiteSpace(text))
        {
            throw new DefinitionException(name.At, "a name is text that is not blank; put quotes around a number or a flag");
        }

        if (TextCheck.CodePoints(text) > MostNameCharacters)
        {
            throw new DefinitionException(name.At, $"a name has at most {MostNameCharacters} characters");
        }

        return new FlowTask(text, node.Entries.FirstOrDefault(entry => entry.Key == "input").Value, name.At);
    }

    private static List<FlowTask> Checked(List<FlowTask> tasks)
    {
        if (tasks.Count > MostTasks)
        {
            throw new DefinitionException(tasks[MostTasks].At, $"a flow has at most {MostTasks} tasks");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (!names.Add(task.Name))
            {
                throw new DefinitionException(task.At, $"the name '{Faults.Clip.Of(task.Name, 40)}' is taken by an earlier task");
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
            && OutputReference.In(text.StringValue).FirstOrDefault(reference => !names.Contains(reference.Task)) is { } stranger)
        {
            throw new DefinitionException(node.At, $"'{{{{{Faults.Clip.Of(stranger.Text, 60)}}}}}' refers to a task that the definition does not have");
        }
    }

    /// <summary>The parser's own words, without the place, which is said already.</summary>
    private static string Sentence(YamlException exception)
    {
        var message = new StringBuilder(exception.Message).Replace('\n', ' ').ToString();
        var end = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return Faults.Clip.Of(end > 0 ? message[(end + 3)..] : message, 160);
    }
}

/// <summary>A task of a flow's definition.</summary>
/// <param name="Name">Its name, unique in the definition.</param>
/// <param name="Node">Its input as written; null if it has none.</param>
/// <param name="At">Where the name stands.</param>
internal sealed record FlowTask(string Name, YamlNode? Node, Mark At)
{
    /// <summary>The input as JSON, references unresolved; null if it has none.</summary>
    public Value? Input { get; } = Node?.ToJson();
}
