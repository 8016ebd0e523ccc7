using System.Security.Cryptography;
using TaskGrpc.Server.Resources.SigningSecrets;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Sending;

/// <summary>The present signing keys of an organization's webhooks.</summary>
internal sealed class SigningKeys(TaskStore store, SecretProtection protection)
{
    /// <exception cref="CryptographicException">The server lacks the data protection key that encrypted a secret.</exception>
    public async Task<List<byte[]>> OfAsync(string organizationId, CancellationToken cancellationToken)
    {
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        return [.. rented.Reader.Statements<SigningSecretStatements>().Signing(organizationId)
            .Select(secret => protection.Reveal(organizationId, secret.Protected))];
    }
}
