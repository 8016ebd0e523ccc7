using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// Identifies callers by the certificate of their connection; a table maps it to organization, actor and scopes. If tokens are set up, a
/// token on the call takes precedence: a proxy with a certificate passes on its callers' tokens.
/// </summary>
internal sealed class CertificateCallers : ICallers
{
    private const string UriMark = "://";
    private const string AddToRow = "Ask the server's operator to add it to the Scopes of the certificate's row in Identity:Certificates";
    private const string NoCertificate = "This server needs a client certificate. Connect with one.";
    private const string NeitherOfBoth =
        "This server needs a client certificate or a token. Connect with a client certificate, "
        + "or send a token in the metadata 'authorization' as 'Bearer TOKEN'.";

    // Never mix subjects and names: a client that can choose its alternative names cannot choose its subject.
    private readonly Dictionary<string, CertificateIdentity> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CertificateIdentity> _names = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<X509Certificate2, Identified> _known = [];
    private readonly TokenCallers? _tokens;
    private readonly TimeProvider _time;

    /// <param name="options">The table.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tokens">Identifies callers by tokens; null if tokens are not set up.</param>
    /// <exception cref="RefusedToStartException">A row has no key, or the key of another row.</exception>
    public CertificateCallers(IOptions<IdentityOptions> options, TimeProvider time, TokenCallers? tokens = null)
    {
        (_tokens, _time) = (tokens, time);
        foreach (var identity in options.Value.Certificates)
        {
            // A blank subject counts as none: otherwise it would match all certificates without a subject.
            var (subject, name) = (!string.IsNullOrWhiteSpace(identity.Subject), !string.IsNullOrWhiteSpace(identity.Name));
            if (!(subject || name) || (subject && !_subjects.TryAdd(identity.Subject!, identity))
                || (name && !_names.TryAdd(Key(identity.Name!), identity)))
            {
                throw new RefusedToStartException(
                    "Each row of Identity:Certificates must have a Subject or a Name that no other row has; "
                    + $"a row of the actor '{identity.Actor}' does not.");
            }
        }
    }

    public ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        var certificate = credentials.Certificate;
        if (_tokens is not null && credentials.Metadata("authorization") is not null)
        {
            return _tokens.IdentifyAsync(credentials, cancellationToken);
        }

        if (certificate is null)
        {
            throw new Fault(ErrorReason.TokenMissing, _tokens is null ? NoCertificate : NeitherOfBoth);
        }

        if (!_known.TryGetValue(certificate, out var identified))
        {
            identified = Find(certificate);
            _known.AddOrUpdate(certificate, identified);
        }

        // The connection may outlive the certificate.
        return identified.Until > _time.GetUtcNow()
            ? new(identified)
            : throw new Fault(ErrorReason.TokenInvalid, "The certificate of this connection has expired. Connect again with a new one.");
    }

    private Identified Find(X509Certificate2 certificate)
    {
        var identity = _subjects.GetValueOrDefault(certificate.Subject)
            ?? NamesOf(certificate).Select(name => _names.GetValueOrDefault(name)).FirstOrDefault(found => found is not null)
            ?? throw new Fault(
                ErrorReason.TokenInvalid,
                "This server does not know the certificate. Ask its operator to add the subject or a name to Identity:Certificates.");
        var actor = new Actor { Id = identity.Actor, Type = ActorNames.TypeOf(identity.ActorType)!.Value };
        var scopes = identity.Scopes.ToHashSet(StringComparer.Ordinal);
        return new Identified(new Caller(identity.Organization, actor), scopes, certificate.NotAfter)
        {
            Advice = AddToRow + (_tokens is null ? "." : ", or send a token that has it."),
        };
    }

    /// <summary>DNS names are case-insensitive, URIs are not.</summary>
    private static string Key(string name) => name.Contains(UriMark, StringComparison.Ordinal) ? name : name.ToLowerInvariant();

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        foreach (var name in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames()))
        {
            yield return Key(name);
        }

        foreach (var uri in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(UrisOf))
        {
            yield return uri;
        }
    }

    /// <summary>All URIs among a certificate's alternative names (RFC 5280, 4.2.1.6); .NET returns only the first.</summary>
    private static IEnumerable<string> UrisOf(X509SubjectAlternativeNameExtension extension)
    {
        var uri = new Asn1Tag(TagClass.ContextSpecific, 6);
        var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag() == uri)
            {
                yield return names.ReadCharacterString(UniversalTagNumber.IA5String, uri);
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }
}
