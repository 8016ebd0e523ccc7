using Grpc.Core;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>What a caller in this process brings: the metadata of its call, as it would send them over a connection.</summary>
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
