using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace TaskGrpc.Server.Resources.SigningSecrets;

/// <summary>Encrypts signing secrets with the server's data protection keys, bound to their organization.</summary>
internal sealed class SecretProtection(IDataProtectionProvider provider)
{
    private const string Prefix = "whsec_";
    private const int SecretBytes = 32;

    /// <summary>A new secret in its protected form.</summary>
    public byte[] New(string organizationId) => For(organizationId).Protect(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The bytes to sign with.</summary>
    /// <exception cref="CryptographicException">The key that encrypted it is missing.</exception>
    public byte[] Reveal(string organizationId, byte[] secret) => For(organizationId).Unprotect(secret);

    /// <summary>The secret in the text form of Standard Webhooks.</summary>
    public string Show(string organizationId, byte[] secret) => Prefix + Convert.ToBase64String(Reveal(organizationId, secret));

    private IDataProtector For(string organizationId) =>
        provider.CreateProtector("taskgrpc.signing-secrets.v1", Convert.ToHexString(Encoding.UTF8.GetBytes(organizationId)));
}
