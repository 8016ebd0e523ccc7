using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>What organizations and actors may be called, wherever they are told from.</summary>
internal static class ActorNames
{
    private const int MostCharacters = 256;

    /// <summary>What is wrong with a name, to be said of it.</summary>
    public static readonly string Rule = $"must have 1 to {MostCharacters} characters, none of them a control character, and not be blank";

    /// <summary>Whether a text may be a name. No U+0000 above all: to SQLite a text can end there, and would be another's name.</summary>
    public static bool IsName(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= MostCharacters && !text.Any(char.IsControl);

    public static ActorType? TypeOf(string text) => text switch
    {
        "user" => ActorType.User,
        "agent" => ActorType.Agent,
        "service" => ActorType.Service,
        _ => null,
    };
}
