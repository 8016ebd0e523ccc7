using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>A definition that cannot be understood; the message begins with the place.</summary>
internal sealed class DefinitionException(Mark at, string advice) : Exception($"line {at.Line}, column {at.Column}: {advice}");
