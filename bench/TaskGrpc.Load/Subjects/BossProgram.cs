using System.Diagnostics;
using Npgsql;

namespace TaskGrpc.Load.Subjects;

/// <summary>bench/pg-boss with its packages, in a folder of its own: npm fetches them by the lock file.</summary>
internal sealed class BossProgram : IDisposable
{
    private readonly DirectoryInfo _folder;

    private BossProgram(DirectoryInfo folder) => _folder = folder;

    public string Script => Path.Combine(_folder.FullName, "boss.mjs");

    /// <exception cref="MissingBaselineException">npm or Node is missing, or npm cannot fetch the packages.</exception>
    public static async Task<BossProgram> InstallAsync()
    {
        var program = new BossProgram(Directory.CreateTempSubdirectory("taskgrpc-load-pg-boss-"));
        foreach (var file in new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "pg-boss")).GetFiles())
        {
            file.CopyTo(Path.Combine(program._folder.FullName, file.Name));
        }

        try
        {
            using var npm = Process.Start(
                new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--engine-strict"])
                {
                    WorkingDirectory = program._folder.FullName,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            var (output, error) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
            await npm.WaitForExitAsync();
            return npm.ExitCode == 0 ? program
                : throw new MissingBaselineException("pg-boss (npm could not fetch it)", "nodejs npm", await output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new MissingBaselineException("npm, which fetches pg-boss,", "nodejs npm");
        }
        catch (MissingBaselineException)
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>The database's address as Node's PostgreSQL client reads it.</summary>
    /// <param name="connection">The address as Npgsql reads it.</param>
    public static string AddressOf(string connection)
    {
        var parts = new NpgsqlConnectionStringBuilder(connection);
        return $"postgres://{parts.Username}@{parts.Host}:{parts.Port}/{parts.Database}";
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
