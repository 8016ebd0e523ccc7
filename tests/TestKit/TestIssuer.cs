using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskGrpc.Client;

namespace TaskGrpc.TestKit;

/// <summary>Issues tokens, and publishes its public key in a file.</summary>
public sealed class TestIssuer : IDisposable
{
    public const string Name = "https://issuer.test";
    public const string Audience = "taskgrpc";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly string _file;

    /// <param name="folder">The folder of its key file.</param>
    public TestIssuer(string folder)
    {
        _file = Path.Combine(folder, "jwks.json");
        Publish(this);
    }

    /// <summary>The settings of a server that trusts this issuer.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Authentication:Schemes:Bearer:ValidIssuer"] = Name,
        ["Authentication:Schemes:Bearer:ValidAudiences:0"] = Audience,
        ["Identity:JwksFile"] = _file,
        ["Identity:ClockSkew"] = "00:00:00",
        ["Identity:Recheck"] = "00:00:01",
    };

    public string PublicKey
    {
        get
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "test" });
            return JsonSerializer.Serialize(new { kty = key.Kty, kid = key.Kid, n = key.N, e = key.E, use = "sig", alg = "RS256" });
        }
    }

    private RsaSecurityKey Key => new(_rsa) { KeyId = "test" };

    /// <summary>Publishes the key of this or another issuer in this issuer's file.</summary>
    public void Publish(TestIssuer issuer)
    {
        var temporary = _file + ".new";
        File.WriteAllText(temporary, $$"""{"keys":[{{issuer.PublicKey}}]}""");
        File.Move(temporary, _file, overwrite: true);
    }

    public string Token(string scopes, string organization = "org", string actor = "anna", string? type = "user", string issuer = Name,
        string audience = Audience, TimeSpan? lifetime = null, bool isSigned = true)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var expires = now + (lifetime ?? TimeSpan.FromMinutes(10));
        var claims = new List<Claim> { new("sub", actor), new("org", organization), new("scope", scopes) };
        if (type is not null)
        {
            claims.Add(new Claim("actor_type", type));
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = expires,
            IssuedAt = expires - TimeSpan.FromHours(1),
            Subject = new ClaimsIdentity(claims),
            SigningCredentials = isSigned ? new SigningCredentials(Key, SecurityAlgorithms.RsaSha256) : null,
        });
    }

    /// <summary>A token with exactly this header and payload, valid or not, signed by RS256.</summary>
    public string Signed(string payload, string header = """{"alg":"RS256","kid":"test","typ":"JWT"}""")
    {
        var signed = $"{Encoded(header)}.{Encoded(payload)}";
        var signature = _rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>A token whose HMAC secret is this issuer's public key, which everyone knows.</summary>
    public string SignedWithPublicKey(string payload)
    {
        var signed = $"{Encoded("""{"alg":"HS256","kid":"test","typ":"JWT"}""")}.{Encoded(payload)}";
        var signature = HMACSHA256.HashData(_rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    public static TaskGrpcClient Client(TestServer server, string token) => new(new TaskGrpcClientOptions
    {
        Address = server.Grpc,
        MaxAttempts = 1,
        AccessToken = _ => new(token),
    });

    public static Metadata Header(string token) => new() { { "authorization", $"Bearer {token}" } };

    public void Dispose() => _rsa.Dispose();
}
