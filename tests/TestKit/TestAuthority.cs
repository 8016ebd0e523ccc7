using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaskGrpc.TestKit;

/// <summary>Issues certificates for servers and clients.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _folder;

    /// <param name="folder">The folder of its certificate.</param>
    /// <param name="above">The authority that issued its certificate; null for a self-signed one.</param>
    public TestAuthority(string folder, TestAuthority? above = null)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        var request =
            new CertificateRequest(above is null ? "CN=Test authority" : "CN=Test authority in between", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = above is null
            ? request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30)) : above.Sign(request, _key, now.AddDays(1));
        File.WriteAllText(Pem, Certificate.ExportCertificatePem());
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Path.Combine(_folder, "authority.pem");

    /// <summary>Writes a server's certificate for this machine and its key into one file, and replaces that file.</summary>
    public string WriteServer()
    {
        var path = Path.Combine(_folder, "server.pem");
        using var issued = Issue("CN=localhost", ServerAuthentication, names =>
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
        });
        File.WriteAllText(path + ".new", $"{issued.ExportCertificatePem()}\n{issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    public X509Certificate2 Client(
        string subject, string? dns = null, string[]? uris = null, TimeSpan? lifetime = null, Uri? authorityAt = null) => Issue(
        subject,
        ClientAuthentication,
        names =>
        {
            if (dns is not null)
            {
                names.AddDnsName(dns);
            }

            foreach (var uri in uris ?? [])
            {
                names.AddUri(new Uri(uri));
            }
        },
        lifetime,
        authorityAt);

    /// <summary>A handler that trusts this authority's servers and presents a client certificate with its intermediates.</summary>
    public SocketsHttpHandler Handler(X509Certificate2? own, params X509Certificate2[] between)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is X509Certificate2 served && IsMine(served);
        if (own is not null)
        {
            // Offline: the client must not download missing issuers.
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(own, [.. between], offline: true);
        }

        return handler;
    }

    public bool IsMine(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(
        string subject, Oid use, Action<SubjectAlternativeNameBuilder> name, TimeSpan? lifetime = null, Uri? authorityAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([use], false));
        var names = new SubjectAlternativeNameBuilder();
        name(names);
        request.CertificateExtensions.Add(names.Build());
        if (authorityAt is not null)
        {
            request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [authorityAt.ToString()]));
        }

        return Sign(request, key, TimeProvider.System.GetUtcNow() + (lifetime ?? TimeSpan.FromHours(1)));
    }

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key, DateTimeOffset until)
    {
        using var issued =
            request.Create(Certificate, TimeProvider.System.GetUtcNow().AddHours(-1), until, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
