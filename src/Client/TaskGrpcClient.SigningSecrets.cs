using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on the secrets that sign webhooks.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates a secret, which signs the organization's webhooks from now on. Only this answer holds the secret itself.</summary>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The secret.</returns>
    /// <exception cref="TaskGrpcException">
    /// SIGNING_SECRET_LIMIT when two secrets sign already; REQUEST_ID_REUSED, INVALID_FIELD.
    /// </exception>
    public virtual Task<SigningSecret> CreateSigningSecretAsync(string? requestId = null, CancellationToken cancellationToken = default) =>
        SigningSecrets.CreateSigningSecretAsync(new() { RequestId = requestId ?? "" }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Lists the organization's secrets without the secrets themselves: first those that sign, then the latest expired ones.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The secrets.</returns>
    /// <exception cref="TaskGrpcException">The server refused the call, for example SCOPE_MISSING, or was not reached.</exception>
    public virtual async Task<IReadOnlyList<SigningSecret>> ListSigningSecretsAsync(CancellationToken cancellationToken = default) =>
        (await SigningSecrets.ListSigningSecretsAsync(new(), cancellationToken: cancellationToken).ConfigureAwait(false)).SigningSecrets;

    /// <summary>Ends a secret: it signs nothing from now on. A second call changes nothing.</summary>
    /// <param name="id">The secret's id.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The expired secret.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<SigningSecret> ExpireSigningSecretAsync(
        string id, string? requestId = null, CancellationToken cancellationToken = default) =>
        SigningSecrets.ExpireSigningSecretAsync(
            new() { Id = Given(id), RequestId = requestId ?? "" }, cancellationToken: cancellationToken).ResponseAsync;
}
