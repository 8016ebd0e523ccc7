namespace TaskGrpc.Server.Resources.Validation;

/// <summary>The path of a field in a request. It becomes a string only for a violation, because nearly every field is valid.</summary>
/// <param name="Parent">The path before its name, with the dot; empty at the top.</param>
/// <param name="Name">The field's name.</param>
/// <param name="Index">The element of a repeated field; null for the field itself.</param>
internal readonly record struct FieldPath(string Parent, string Name, int? Index = null)
{
    public override string ToString() => Index is { } index ? $"{Parent}{Name}[{index}]" : Parent + Name;
}
