namespace TaskGrpc.Server.Resources.Leases;

/// <summary>The calls of WorkService that move a status, and the end of a lease, as the lifecycles name them.</summary>
internal static class WorkVerbs
{
    public const string ClaimNext = nameof(ClaimNext);
    public const string Release = nameof(Release);
    public const string RequestCancel = nameof(RequestCancel);
    public const string Expiry = nameof(Expiry);
}
