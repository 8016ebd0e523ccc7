using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>What organizations and actors may be called, wherever they are told from.</summary>
internal static class ActorNames
{
    public const int MostCharacters = 256;

    public static bool IsName(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= MostCharacters;

    public static ActorType? TypeOf(string text) => text switch
    {
        "user" => ActorType.User,
        "agent" => ActorType.Agent,
        "service" => ActorType.Service,
        _ => null,
    };
}
