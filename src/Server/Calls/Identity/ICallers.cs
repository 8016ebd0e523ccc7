namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Recognises callers: by what they say of themselves where only this machine can call, by tokens and certificates elsewhere.</summary>
internal interface ICallers
{
    /// <param name="credentials">What the call brings.</param>
    /// <param name="cancellationToken">The call has ended.</param>
    /// <exception cref="Faults.Fault">TOKEN_MISSING, TOKEN_INVALID.</exception>
    ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken);
}
