using System.Text.Json;

namespace TaskGrpc.Conformance.Tests.Upgrades;

/// <summary>What a build wrote into a kept database, and the tokens and answers that it returned.</summary>
internal sealed record WrittenStore
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>When the build was killed. The tests continue a few minutes later by their own clock.</summary>
    public required DateTimeOffset LeftAt { get; init; }

    /// <summary>The secret that signs the webhooks.</summary>
    public required string Secret { get; init; }

    /// <summary>The revision of the last change.</summary>
    public required long Head { get; init; }

    /// <summary>A token of a watch that had not yet received every change.</summary>
    public required string ResumeToken { get; init; }

    /// <summary>The revisions and ids of the changes after <see cref="ResumeToken"/>.</summary>
    public required IReadOnlyList<string> ChangesAfterToken { get; init; }

    /// <summary>The token of the second page of agent tasks.</summary>
    public required string PageToken { get; init; }

    /// <summary>The ids of the agent tasks from the second page on.</summary>
    public required IReadOnlyList<string> TasksAfterPage { get; init; }

    /// <summary>Every resource, deleted ones too, by the name of its message, as bytes.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<byte[]>> Resources { get; init; }

    /// <summary>Calls whose repeats must return their first answer.</summary>
    public required IReadOnlyList<RepeatableCall> Calls { get; init; }

    /// <summary>A delivery that waits for its second attempt.</summary>
    public required string Retrying { get; init; }

    /// <summary>A delivery that was in its first attempt when the server was killed.</summary>
    public required string Claimed { get; init; }

    /// <summary>A delivery that was waiting when its monitor task was paused.</summary>
    public required string Held { get; init; }

    /// <summary>The monitor task of <see cref="Held"/>.</summary>
    public required string PausedTask { get; init; }

    public void Save(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, Readable));

    public static WrittenStore Load(string file) => JsonSerializer.Deserialize<WrittenStore>(File.ReadAllText(file))!;
}
