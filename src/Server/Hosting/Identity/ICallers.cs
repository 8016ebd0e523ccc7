using Grpc.Core;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>Recognises callers: by what they say of themselves where only this machine can call, by tokens elsewhere.</summary>
internal interface ICallers
{
    /// <param name="headers">The call's metadata.</param>
    /// <param name="cancellationToken">The call has ended.</param>
    /// <exception cref="Faults.Fault">TOKEN_MISSING, TOKEN_INVALID.</exception>
    ValueTask<Identified> IdentifyAsync(Metadata headers, CancellationToken cancellationToken);
}
