using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>A definition with an error; the message begins with its line and column.</summary>
internal sealed class DefinitionException(Mark at, string advice) : Exception($"line {at.Line}, column {at.Column}: {advice}");
