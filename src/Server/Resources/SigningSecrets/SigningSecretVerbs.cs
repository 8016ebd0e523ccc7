using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.SigningSecrets;

/// <summary>Creates and expires signing secrets. They are rows outside the log: no revision, no watch.</summary>
internal sealed class SigningSecretVerbs(SecretProtection protection)
{
    private const int MostSigning = 2;

    /// <summary>Creates a secret. The answer does not contain it, because the ledger stores answers for repeats.</summary>
    /// <exception cref="Fault">SIGNING_SECRET_LIMIT.</exception>
    public SigningSecret Create(UnitOfWork unit)
    {
        var organizationId = unit.Caller.OrganizationId;
        if (unit.Query<SigningSecretStatements>().Signing(organizationId).Count >= MostSigning)
        {
            throw Fault.Precondition(
                ErrorReason.SigningSecretLimit,
                "SigningSecret",
                $"Your organization already has {MostSigning} active signing secrets. "
                + "Expire one with ExpireSigningSecret once your receivers accept the other.");
        }

        var now = unit.Now.ToDateTimeOffset();
        var row = new SigningSecretRow
        {
            Id = ResourceId.New(now),
            OrganizationId = organizationId,
            CreatedAt = now,
            Protected = protection.New(organizationId)
        };
        unit.Effects.Add(writer => writer.Insert(row));
        return ToMessage(row);
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND.</exception>
    public static SigningSecret Expire(UnitOfWork unit, string id)
    {
        var organizationId = unit.Caller.OrganizationId;
        var found = unit.Query<SigningSecretStatements>().Find(organizationId, Guid.Parse(id))
            ?? throw Fault.NotFound("SigningSecret", id);
        if (found.ExpiredAt is not null)
        {
            return ToMessage(found);
        }

        var expired = new SigningSecretRow
        {
            Id = found.Id,
            OrganizationId = organizationId,
            CreatedAt = found.CreatedAt,
            ExpiredAt = unit.Now.ToDateTimeOffset(),
            Protected = []
        };
        unit.Effects.Add(writer => writer.Update(expired));
        return ToMessage(expired);
    }

    /// <summary>Adds the secret to the answer of its Create; an empty text once it has expired.</summary>
    public SigningSecret Shown(SigningSecret answer, SigningSecretRow stored)
    {
        answer.Secret = stored.ExpiredAt is null ? protection.Show(answer.OrganizationId, stored.Protected) : "";
        return answer;
    }

    public static SigningSecret ToMessage(SigningSecretRow row) => new()
    {
        Id = row.Id.ToString(),
        OrganizationId = row.OrganizationId,
        CreatedAt = Moment.ToTimestamp(row.CreatedAt),
        ExpiredAt = row.ExpiredAt is { } moment ? Moment.ToTimestamp(moment) : null,
    };
}
