using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaskGrpc.Testing;

/// <summary>Issues certificates, of servers and of clients.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _folder;
    private readonly X509Certificate2 _certificate;

    /// <param name="folder">Where its certificate lies.</param>
    public TestAuthority(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Pem, _certificate.ExportCertificatePem());
    }

    /// <summary>The file with its own certificate.</summary>
    public string Pem => Path.Combine(_folder, "authority.pem");

    /// <summary>Writes a server's certificate for this machine and its key into one file, in place of what lies there.</summary>
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

    /// <summary>A client's certificate.</summary>
    public X509Certificate2 Client(string subject, string? dns = null, string? uri = null, TimeSpan? lifetime = null) => Issue(
        subject,
        ClientAuthentication,
        names =>
        {
            if (dns is not null)
            {
                names.AddDnsName(dns);
            }

            if (uri is not null)
            {
                names.AddUri(new Uri(uri));
            }
        },
        lifetime);

    /// <summary>A handler that trusts servers of this authority, and shows a certificate of its own.</summary>
    public SocketsHttpHandler Handler(X509Certificate2? own)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 served && IsMine(served);
        if (own is not null)
        {
            handler.SslOptions.ClientCertificates = [own];
        }

        return handler;
    }

    public bool IsMine(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string subject, Oid use, Action<SubjectAlternativeNameBuilder> name, TimeSpan? lifetime = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([use], false));
        var names = new SubjectAlternativeNameBuilder();
        name(names);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(_certificate, now.AddHours(-1), now + (lifetime ?? TimeSpan.FromHours(1)), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
