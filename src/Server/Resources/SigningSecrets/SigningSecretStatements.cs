using System.Data.Common;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.SigningSecrets;

/// <summary>Reads an organization's signing secrets, on any connection.</summary>
internal sealed class SigningSecretStatements : IStatements<SigningSecretStatements>
{
    private const string Columns = "id, created_at, expired_at, protected";

    private readonly StoredValues _values;
    private readonly Query _list;
    private readonly Query _find;
    private readonly Query _signing;

    private SigningSecretStatements(StoreConnection db)
    {
        _values = db.Values;
        _list = db.Prepare(
            $"SELECT {Columns} FROM signing_secrets WHERE organization_id = @organization ORDER BY expired_at IS NOT NULL, created_at "
            + "DESC, id DESC LIMIT @limit", "@organization", "@limit");
        _find = db.Prepare($"SELECT {Columns} FROM signing_secrets WHERE id = @id AND {db.Dialect.IsOwn}", "@id", "@organization");
        _signing = db.Prepare(
            $"SELECT {Columns} FROM signing_secrets WHERE organization_id = @organization AND expired_at IS NULL ORDER BY created_at "
            + "DESC, id DESC", "@organization");
    }

    /// <summary>The active secrets, then the expired ones, the newest first.</summary>
    public List<SigningSecretRow> List(string organizationId, int limit) => Rows(_list.Read(organizationId, limit), organizationId);

    public SigningSecretRow? Find(string organizationId, Guid id) =>
        Rows(_find.Read(id, organizationId), organizationId).SingleOrDefault();

    /// <summary>The active secrets, the newest first.</summary>
    public List<SigningSecretRow> Signing(string organizationId) => Rows(_signing.Read(organizationId), organizationId);

    public static SigningSecretStatements Prepare(StoreConnection db) => new(db);

    private List<SigningSecretRow> Rows(DbDataReader reader, string organizationId) => reader.All(row => new SigningSecretRow
    {
        Id = _values.Id(row, 0),
        OrganizationId = organizationId,
        CreatedAt = _values.Moment(row, 1),
        ExpiredAt = row.IsDBNull(2) ? null : _values.Moment(row, 2),
        Protected = row.GetFieldValue<byte[]>(3),
    });
}
