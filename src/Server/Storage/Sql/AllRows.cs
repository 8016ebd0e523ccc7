using System.Data.Common;

namespace TaskGrpc.Server.Storage.Sql;

internal static class AllRows
{
    /// <summary>Reads all rows that a query finds, and disposes of the reader.</summary>
    public static List<T> All<T>(this DbDataReader reader, Func<DbDataReader, T> row)
    {
        using (reader)
        {
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(row(reader));
            }

            return rows;
        }
    }
}
