namespace TaskGrpc.TestKit;

/// <summary>Servers on PostgreSQL, each in its own process.</summary>
public static class PostgresReplica
{
    /// <summary>A server on its own database.</summary>
    public static async Task<ServerProcess> NewAsync(string folder)
    {
        var cluster = await SharedPostgres.ClusterAsync();
        return On(folder, cluster.Settings(await cluster.NewDatabaseAsync()));
    }

    /// <summary>A server on a database that other servers may share.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="settings">The settings.</param>
    public static ServerProcess On(string folder, IReadOnlyDictionary<string, string?> settings) =>
        new(folder, settings: settings.ToDictionary(
            setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!));
}
