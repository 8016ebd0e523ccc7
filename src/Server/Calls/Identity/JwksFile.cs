using Microsoft.IdentityModel.Tokens;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>The issuer's public keys from a file, which is read again when it changes.</summary>
internal sealed class JwksFile(string path, ILogger<JwksFile> logger) : IHostedService
{
    private readonly Lock _gate = new();
    private volatile Seen _seen = new([], default);
    private DateTime _told;

    /// <summary>The keys in the file; while it cannot be read, the last keys.</summary>
    public IList<SecurityKey> Read()
    {
        // Each call reads only the file's time, without a lock.
        var changedAt = File.GetLastWriteTimeUtc(path);
        var seen = _seen;
        return seen.ChangedAt == changedAt ? seen.Keys : ReadAgain(changedAt);
    }

    /// <exception cref="RefusedToStartException">The file has no keys, so nobody could call.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = Load();
            return Task.CompletedTask;
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            throw new RefusedToStartException(
                $"Identity:JwksFile names {path}, which is not a JSON Web Key Set with keys: {exception.Message}");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IList<SecurityKey> ReadAgain(DateTime changedAt)
    {
        lock (_gate)
        {
            if (_seen.ChangedAt != changedAt)
            {
                try
                {
                    _seen = new Seen(Load(), changedAt);
                }
                catch (Exception exception) when (
                    exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
                {
                    // Another program may be writing the file; the next call reads it again.
                    if (_told != changedAt)
                    {
                        _told = changedAt;
                        logger.KeyFileUnreadable(path, exception.Message);
                    }
                }
            }

            return _seen.Keys;
        }
    }

    private IList<SecurityKey> Load() =>
        new JsonWebKeySet(File.ReadAllText(path)).GetSigningKeys() is { Count: > 0 } keys ? keys
            : throw new InvalidOperationException("it has no signing keys");

    private sealed record Seen(IList<SecurityKey> Keys, DateTime ChangedAt);
}
