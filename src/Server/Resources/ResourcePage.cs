namespace TaskGrpc.Server.Resources;

/// <summary>A page of resources, ready for the kind's own list response.</summary>
internal sealed record ResourcePage<T>(IEnumerable<T> Resources, string Next, long Revision, string ResumeToken);
