using Microsoft.IdentityModel.Tokens;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>The issuer's public keys from a file, read again when the file has changed.</summary>
internal sealed class JwksFile(string path) : IHostedService
{
    private readonly Lock _gate = new();
    private IList<SecurityKey> _keys = [];
    private DateTime _readAt;

    /// <summary>The keys as the file has them; as it had them last while it cannot be read.</summary>
    public IList<SecurityKey> Read()
    {
        lock (_gate)
        {
            var changedAt = File.GetLastWriteTimeUtc(path);
            if (changedAt != _readAt)
            {
                try
                {
                    _keys = Load();
                    _readAt = changedAt;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
                {
                    // Somebody is writing it; the next call looks again.
                }
            }

            return _keys;
        }
    }

    /// <exception cref="RefusedToStartException">There are no keys in it: nobody could call.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = Load();
            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            throw new RefusedToStartException($"Identity:JwksFile names {path}, which is no JSON Web Key Set with keys in it: {exception.Message}");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IList<SecurityKey> Load() =>
        new JsonWebKeySet(File.ReadAllText(path)).GetSigningKeys() is { Count: > 0 } keys ? keys : throw new InvalidOperationException("it has no keys to check signatures with");
}
