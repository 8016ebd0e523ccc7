namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A secret with which an organization's webhooks are signed.</summary>
internal sealed class SigningSecretRow
{
    public required Guid Id { get; init; }

    public required string OrganizationId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the secret expired; null while it signs.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>The encrypted secret; empty once it has expired.</summary>
    public required byte[] Protected { get; init; }
}
