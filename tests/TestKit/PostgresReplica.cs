namespace TaskGrpc.TestKit;

/// <summary>Servers in processes of their own on PostgreSQL.</summary>
public static class PostgresReplica
{
    /// <summary>One on a database of its own.</summary>
    public static async Task<ServerProcess> NewAsync(string folder)
    {
        var cluster = await SharedPostgres.ClusterAsync();
        return On(folder, cluster.Settings(await cluster.NewDatabaseAsync()));
    }

    /// <summary>One on a database that others may be on too.</summary>
    /// <param name="folder">Where it would keep files.</param>
    /// <param name="settings">Its settings, as <see cref="PostgresCluster.Settings"/> has them.</param>
    public static ServerProcess On(string folder, IReadOnlyDictionary<string, string?> settings) =>
        new(folder, settings: settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!));
}
