using Grpc.Core;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>The credentials of a call in this process: its metadata, as over a connection.</summary>
internal sealed class MetadataCredentials(Metadata? headers) : Credentials
{
    public override string? Metadata(string name)
    {
        for (var i = (headers?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (headers![i] is { IsBinary: false } entry && entry.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return entry.Value;
            }
        }

        return null;
    }
}
