namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Where a field stands in a request. Put into words only for who is told of it: nearly every field is as it should be.</summary>
/// <param name="Parent">What stands before its name, with the dot; empty at the top.</param>
/// <param name="Name">The field's name.</param>
/// <param name="Index">Which element of a repeated field; null for the field itself.</param>
internal readonly record struct FieldPath(string Parent, string Name, int? Index = null)
{
    public override string ToString() => Index is { } index ? $"{Parent}{Name}[{index}]" : Parent + Name;
}
