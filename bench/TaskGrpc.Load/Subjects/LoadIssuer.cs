using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;

namespace TaskGrpc.Load.Subjects;

/// <summary>Issues a token of about 800 bytes for a caller of each organization, and publishes its key in a file.</summary>
internal sealed class LoadIssuer : IDisposable
{
    private const string Name = "https://issuer.test";
    private const string Audience = "taskgrpc";

    /// <summary>As much data as issuers usually add that a server does not read.</summary>
    private static readonly string Padding = new('x', 130);

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly FileInfo _keys = new(Path.GetTempFileName());

    public LoadIssuer()
    {
        var key = _rsa.ExportParameters(false);
        File.WriteAllText(_keys.FullName, $$"""{"keys":[{"kty":"RSA","kid":"load","use":"sig","alg":"RS256","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}""");
        Callers = [.. Enumerable.Range(0, Tasks.Organizations)
            .Select(number => new CallOptions(new Metadata { { "authorization", $"Bearer {Token(Tasks.Organization(number))}" } }))];
    }

    /// <summary>The callers: one per organization, with its token.</summary>
    public CallOptions[] Callers { get; }

    /// <summary>The settings of a server that trusts this issuer.</summary>
    public (string Key, string Value)[] Settings =>
        [("Authentication:Schemes:Bearer:ValidIssuer", Name), ("Authentication:Schemes:Bearer:ValidAudiences:0", Audience),
            ("Identity:JwksFile", _keys.FullName)];

    public void Dispose()
    {
        _rsa.Dispose();
        _keys.Delete();
    }

    private string Token(string organization)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = $$"""{"iss":"{{Name}}","aud":"{{Audience}}","iat":{{now}},"exp":{{now + 86_400}},"sub":"load","actor_type":"service","org":"{{organization}}","scope":"tasks:read tasks:write","padding":"{{Padding}}"}""";
        var signed = $"{Encoded("""{"alg":"RS256","kid":"load","typ":"at+jwt"}""")}.{Encoded(payload)}";
        var signature = _rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
