using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>
/// Recognises callers by the certificate of their connection, which a table turns into organization, actor and scopes. A token on a call comes
/// before that, where tokens are known: a proxy that has a certificate passes on whom it speaks for.
/// </summary>
internal sealed class CertificateCallers : ICallers
{
    private readonly Dictionary<string, CertificateIdentity> _table = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<X509Certificate2, Identified> _known = [];
    private readonly TokenCallers? _tokens;
    private readonly TimeProvider _time;

    public CertificateCallers(IOptions<IdentityOptions> options, TokenCallers? tokens, TimeProvider time)
    {
        (_tokens, _time) = (tokens, time);
        foreach (var identity in options.Value.Certificates)
        {
            foreach (var key in new[] { identity.Subject, identity.Name }.OfType<string>())
            {
                _table[key] = identity;
            }
        }
    }

    public ValueTask<Identified> IdentifyAsync(HttpContext call, CancellationToken cancellationToken)
    {
        var certificate = call.Connection.ClientCertificate;
        if (_tokens is not null && (certificate is null || call.Request.Headers.Authorization.Count > 0))
        {
            return _tokens.IdentifyAsync(call, cancellationToken);
        }

        if (certificate is null)
        {
            throw new Fault(ErrorReason.TokenMissing, "This server knows its callers by their certificates. Connect with a client certificate.");
        }

        if (!_known.TryGetValue(certificate, out var identified))
        {
            identified = Find(certificate);
            _known.AddOrUpdate(certificate, identified);
        }

        // The connection may stand for longer than the certificate is valid.
        return identified.Until > _time.GetUtcNow() ? new(identified) : throw new Fault(ErrorReason.TokenInvalid, "The certificate of this connection has expired. Connect again with a new one.");
    }

    private Identified Find(X509Certificate2 certificate)
    {
        var identity = NamesOf(certificate).Select(name => _table.GetValueOrDefault(name)).FirstOrDefault(found => found is not null)
            ?? throw new Fault(ErrorReason.TokenInvalid, "The certificate belongs to nobody whom this server knows. Have its subject or one of its names entered in Identity:Certificates.");
        var actor = new Actor { Id = identity.Actor, Type = ActorNames.TypeOf(identity.ActorType)!.Value };
        return new Identified(new Caller(identity.Organization, actor), identity.Scopes.ToHashSet(StringComparer.Ordinal), certificate.NotAfter);
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        yield return certificate.Subject;
        foreach (var name in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()))
        {
            yield return name;
        }

        if (certificate.GetNameInfo(X509NameType.UrlName, forIssuer: false) is { Length: > 0 } uri)
        {
            yield return uri;
        }
    }
}
