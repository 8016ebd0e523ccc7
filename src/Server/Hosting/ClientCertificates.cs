using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>Requires TLS 1.2 or 1.3 and, with Identity:Certificates, that client certificates come from the set authority.</summary>
internal sealed class ClientCertificates(IOptions<IdentityOptions> options)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Lazy<X509Certificate2Collection?> _authority = new(() => Authority(options.Value.CertificateAuthority));

    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (options.Value.Certificates.Count > 0)
        {
            var authority = _authority.Value;
            // A client without a certificate may still check health or send a token.
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            // Kestrel accepts the certificates whose chain this policy accepts.
            https.OnAuthenticate = (_, ssl) => ssl.CertificateChainPolicy = Policy(authority);
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection? authority)
    {
        var policy = new X509ChainPolicy
        {
            // Never fetch issuer certificates from URLs in an untrusted certificate.
            DisableCertificateDownloads = true,
            // Private authorities rarely publish CRLs. To revoke a client, remove its row and restart.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (authority is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authority);
        }

        return policy;
    }

    /// <summary>The authority that issues the client certificates; null for all that the machine trusts.</summary>
    private static X509Certificate2Collection? Authority(string? path)
    {
        if (path is not { Length: > 0 })
        {
            throw new RefusedToStartException(
                "Identity:Certificates needs Identity:CertificateAuthority. Set it to a PEM file with the issuing authority, "
                + $"or to '{IdentityOptions.MachinesAuthorities}' for every authority that this machine trusts.");
        }

        if (path == IdentityOptions.MachinesAuthorities)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new RefusedToStartException($"Identity:CertificateAuthority names '{path}', which cannot be read: {exception.Message}");
        }

        return certificates.Count > 0 ? certificates : throw new RefusedToStartException(
            $"Identity:CertificateAuthority names '{path}', which contains no certificate. Put the authority's PEM certificates into it.");
    }
}
