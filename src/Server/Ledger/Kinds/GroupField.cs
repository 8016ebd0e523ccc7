namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>A field by which resources can be counted apart: it has few values.</summary>
/// <param name="Name">The field's name on the wire.</param>
/// <param name="Column">Its column.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Text">A value as the answer has it.</param>
internal sealed record GroupField(string Name, string Column, Type Type, Func<object, string> Text);
