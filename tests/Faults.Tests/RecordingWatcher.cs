using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests;

/// <summary>Watches an organization from revision 0, resumes by token after every cut, and records every message.</summary>
internal sealed class RecordingWatcher(TaskGrpcClient client, string organization, string name, HistoryFile history)
{
    private long _progress;

    public long Progress => Volatile.Read(ref _progress);

    public async Task RunAsync(CancellationToken stop)
    {
        string? token = null;
        for (var session = 0; !stop.IsCancellationRequested; session++)
        {
            var from = Progress;
            try
            {
                using var call = client.Changes.Watch(token is null
                    ? new WatchRequest { AfterRevision = 0 } : new WatchRequest { ResumeToken = token }, cancellationToken: stop);
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    var message = call.ResponseStream.Current;
                    history.Add(new MessageEntry(organization, name, session, from, message.ToByteArray()));
                    if (message.ResumeToken.Length > 0)
                    {
                        token = message.ResumeToken;
                        Volatile.Write(ref _progress, message.Revision);
                    }
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The recording has ended.
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown)
            {
                if (!stop.IsCancellationRequested)
                {
                    await BackOff.WaitAsync();
                }
            }
        }
    }
}
