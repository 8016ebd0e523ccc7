using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Keeps in the database the keys that encrypt what is secret in it. Each use opens a connection: there are two in a server's life.
/// </summary>
internal sealed class PostgresKeys(Func<PostgresStoreConnection> connect) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = connect();
        using var query = new Query(db.Connection, "SELECT xml FROM data_protection_keys WHERE xml IS NOT NULL ORDER BY id");
        return query.Read().All(row => XElement.Parse(row.GetString(0)));
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = connect();
        using var insert =
            new Query(db.Connection, "INSERT INTO data_protection_keys (friendly_name, xml) VALUES (@name, @xml)", "@name", "@xml");
        insert.Execute(friendlyName, element.ToString(SaveOptions.DisableFormatting));
    }
}
