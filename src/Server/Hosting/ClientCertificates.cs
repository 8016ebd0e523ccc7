using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>What is asked of TLS connections: a version that is not broken, and, where a table knows certificates, one that its authority has issued.</summary>
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
            // Those without one may still ask after the server's health, or bring a token.
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            // Kestrel takes the certificates in whose chain this policy finds nothing wrong.
            https.OnAuthenticate = (_, ssl) => ssl.CertificateChainPolicy = Policy(authority);
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection? authority)
    {
        var policy = new X509ChainPolicy
        {
            // What a stranger's certificate says of where its authority is to be found, nobody is to go and ask.
            DisableCertificateDownloads = true,
            // An authority of one's own seldom has a list to ask; who is to be shut out is taken from the table.
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

    /// <summary>The authority of the table's certificates; null for those that the machine trusts.</summary>
    private static X509Certificate2Collection? Authority(string? path)
    {
        if (path is not { Length: > 0 })
        {
            throw new RefusedToStartException($"Identity:Certificates needs Identity:CertificateAuthority: a PEM file with the authority that issues them, or '{IdentityOptions.MachinesAuthorities}' to believe every authority that this machine trusts.");
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

        return certificates.Count > 0 ? certificates : throw new RefusedToStartException($"Identity:CertificateAuthority names '{path}', which has no certificate in it. Give it the authority's certificates in PEM.");
    }
}
