using System.Security.Cryptography;
using TaskGrpc.Server.Resources.SigningSecrets;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Sending;

/// <summary>The keys with which an organization's webhooks are signed at this moment.</summary>
internal sealed class SigningKeys(TaskStore store, SecretProtection protection)
{
    /// <exception cref="CryptographicException">A secret cannot be decrypted: the server's data protection keys are not those with which it was stored.</exception>
    public async Task<List<byte[]>> OfAsync(string organizationId, CancellationToken cancellationToken)
    {
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        return [.. rented.Reader.Statements<SigningSecretStatements>().Signing(organizationId).Select(secret => protection.Reveal(organizationId, secret.Protected))];
    }
}
