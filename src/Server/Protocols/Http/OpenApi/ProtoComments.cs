using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The comments of the protos by full name. The build embeds the protos with them; generated code has none.</summary>
internal sealed partial class ProtoComments
{
    private const string Resource = "protos.binpb";

    private readonly Dictionary<string, string> _byName = [];

    public ProtoComments()
    {
        using var stream = typeof(ProtoComments).Assembly.GetManifestResourceStream(Resource)!;
        foreach (var file in FileDescriptorSet.Parser.ParseFrom(stream).File)
        {
            new Walk(file, _byName).Run();
        }
    }

    /// <summary>The comment of a service, call, message, field or enum, as Markdown; empty if it has none.</summary>
    public string Of(IDescriptor declared) => _byName.GetValueOrDefault(declared.FullName, "");

    /// <summary>The comment of an enum's value. In protos, its full name does not contain the enum's.</summary>
    public string Of(EnumValueDescriptor value) => _byName.GetValueOrDefault($"{value.EnumDescriptor.FullName}.{value.Name}", "");

    /// <summary>The first sentence of a comment, without its full stop.</summary>
    public static string FirstSentence(string comment) => Sentence().Match(comment).Groups[1].Value;

    /// <summary>Joins the lines of each paragraph; items of lists and indented lines stay lines.</summary>
    private static string Paragraphs(string comment) =>
        LineBreak().Replace(string.Join('\n', comment.Split('\n').Select(line => line.StartsWith(' ') ? line[1..] : line)), " ").Trim();

    [GeneratedRegex(@"(?<=\S)\n(?![\s*-])")]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"^(.*?)\.?(?:(?<=\.)\s|$)", RegexOptions.Singleline)]
    private static partial Regex Sentence();

    /// <summary>Finds the comments of one file. A comment has the path of numbers that leads to its declaration.</summary>
    private sealed class Walk(FileDescriptorProto file, Dictionary<string, string> byName)
    {
        private readonly Dictionary<string, string> _byPath = file.SourceCodeInfo.Location
            // Extensions share the path of their block, and nobody asks for their comments.
            .Where(location => location.LeadingComments.Length > 0 && location.Path[0] != FileDescriptorProto.ExtensionFieldNumber)
            .ToDictionary(location => string.Join('.', location.Path), location => Paragraphs(location.LeadingComments));

        public void Run()
        {
            Each(file.MessageType, FileDescriptorProto.MessageTypeFieldNumber, "", file.Package, message => message.Name, Message);
            Each(file.EnumType, FileDescriptorProto.EnumTypeFieldNumber, "", file.Package, type => type.Name, Enum);
            Each(file.Service, FileDescriptorProto.ServiceFieldNumber, "", file.Package, service => service.Name, (service, path, name) =>
                Each(service.Method, ServiceDescriptorProto.MethodFieldNumber, path, name, method => method.Name));
        }

        private void Message(DescriptorProto message, string path, string name)
        {
            Each(message.Field, DescriptorProto.FieldFieldNumber, path, name, field => field.Name);
            Each(message.OneofDecl, DescriptorProto.OneofDeclFieldNumber, path, name, oneof => oneof.Name);
            Each(message.NestedType, DescriptorProto.NestedTypeFieldNumber, path, name, nested => nested.Name, Message);
            Each(message.EnumType, DescriptorProto.EnumTypeFieldNumber, path, name, type => type.Name, Enum);
        }

        private void Enum(EnumDescriptorProto type, string path, string name) =>
            Each(type.Value, EnumDescriptorProto.ValueFieldNumber, path, name, value => value.Name);

        private void Each<T>(IList<T> declared, int number, string path, string scope, Func<T, string> nameOf,
            Action<T, string, string>? inside = null)
        {
            for (var i = 0; i < declared.Count; i++)
            {
                var (at, name) = (path.Length == 0 ? $"{number}.{i}" : $"{path}.{number}.{i}", $"{scope}.{nameOf(declared[i])}");
                if (_byPath.TryGetValue(at, out var comment))
                {
                    byName[name] = comment;
                }

                inside?.Invoke(declared[i], at, name);
            }
        }
    }
}
