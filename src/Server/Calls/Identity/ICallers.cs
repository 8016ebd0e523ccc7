namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Identifies callers: by tokens and certificates or, if only this machine can call, by metadata.</summary>
internal interface ICallers
{
    /// <param name="credentials">The call's credentials.</param>
    /// <param name="cancellationToken">Cancelled when the call ends.</param>
    /// <exception cref="Faults.Fault">TOKEN_MISSING, TOKEN_INVALID.</exception>
    ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken);
}
