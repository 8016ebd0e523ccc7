using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>The rules for names of organizations and actors, from any source.</summary>
internal static class ActorNames
{
    private const int MostCharacters = 256;

    /// <summary>The rule, to follow the name in a refusal.</summary>
    public static readonly string Rule = $"must have 1 to {MostCharacters} characters, not be blank, and contain no control characters";

    /// <summary>Whether a text may be a name. U+0000 is the worst: SQLite can cut a text there, which makes it another name.</summary>
    public static bool IsName(string text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= MostCharacters && !text.Any(char.IsControl);

    public static ActorType? TypeOf(string text) => text switch
    {
        "user" => ActorType.User,
        "agent" => ActorType.Agent,
        "service" => ActorType.Service,
        _ => null,
    };
}
