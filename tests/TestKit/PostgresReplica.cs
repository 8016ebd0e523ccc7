namespace TaskGrpc.TestKit;

/// <summary>Servers on PostgreSQL, each in its own process.</summary>
public static class PostgresReplica
{
    /// <summary>A server on its own database.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="settings">Settings besides the database; null for none.</param>
    public static async Task<ServerProcess> NewAsync(string folder, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var cluster = await SharedPostgres.ClusterAsync();
        var all = cluster.Settings(await cluster.NewDatabaseAsync());
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
        {
            all[key] = value;
        }

        return On(folder, all);
    }

    /// <summary>A server on a database that other servers may share.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="settings">The settings.</param>
    public static ServerProcess On(string folder, IReadOnlyDictionary<string, string?> settings) =>
        new(folder, settings: settings.ToDictionary(
            setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!));
}
