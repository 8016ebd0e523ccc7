using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A change that depends on what is stored: (1) read, (2) change a copy, (3) send the fields that differ with the etag that was read, and
/// after ETAG_MISMATCH (4) wait a jittered while, so that callers that collided do not collide again, and start over.
/// </summary>
internal static class ReadModifyWrite
{
    public static async Task<T> RunAsync<T>(
        ClientState client,
        Func<CancellationToken, Task<T>> read,
        Action<T> change,
        Func<T, FieldMask, CancellationToken, Task<T>> update,
        CancellationToken cancellationToken)
        where T : class, IResource, IDeepCloneable<T>
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = await read(cancellationToken).ConfigureAwait(false);
            var after = before.Clone();
            change(after);
            var mask = ChangedFields.Between(before, after);
            if (mask.Paths.Count == 0)
            {
                return before;
            }

            // A delegate that sets them gets IMMUTABLE_FIELD, because the mask names them; it never changes another resource.
            (after.Id, after.Etag) = (before.Id, before.Etag);
            try
            {
                return await update(after, mask, cancellationToken).ConfigureAwait(false);
            }
            catch (TaskGrpcException mismatch)
                when (mismatch.Reason == ErrorReason.EtagMismatch && attempt < client.Options.MaxUpdateAttempts)
            {
                await client.PauseAsync(client.Backoff(attempt, asked: null), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
