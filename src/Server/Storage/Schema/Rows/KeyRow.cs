namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A key that encrypts what is secret in the database, as data protection writes it. It belongs to no organization.</summary>
internal sealed class KeyRow
{
    public int Id { get; init; }

    public string? FriendlyName { get; init; }

    public string? Xml { get; init; }
}
