using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Keeps in the database the keys that encrypt what is secret in it. Each use opens a connection: there are two in a server's life.
/// </summary>
internal sealed class PostgresKeys(Func<PostgresStoreConnection> connect) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = connect();
        using var query = new Sql.Query(db.Connection, "SELECT xml FROM data_protection_keys WHERE xml IS NOT NULL ORDER BY id");
        using var rows = query.Read();
        var keys = new List<XElement>();
        while (rows.Read())
        {
            keys.Add(XElement.Parse(rows.GetString(0)));
        }

        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = connect();
        using var insert =
            new Sql.Query(db.Connection, "INSERT INTO data_protection_keys (friendly_name, xml) VALUES (@name, @xml)", "@name", "@xml");
        insert.Execute(friendlyName, element.ToString(SaveOptions.DisableFormatting));
    }
}
