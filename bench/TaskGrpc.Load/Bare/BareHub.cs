using System.Collections.Immutable;
using System.Threading.Channels;
using Google.Protobuf;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Bare;

/// <summary>Serializes each published message once and passes it to every reader through that reader's own queue.</summary>
internal sealed class BareHub
{
    private ImmutableList<Channel<byte[]>> _readers = [];

    public void Publish(AgentTask task)
    {
        var bytes = EventOf(task);
        foreach (var reader in Volatile.Read(ref _readers))
        {
            reader.Writer.TryWrite(bytes);
        }
    }

    public Channel<byte[]> Join()
    {
        var reader = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        ImmutableInterlocked.Update(ref _readers, static (readers, added) => readers.Add(added), reader);
        return reader;
    }

    public void Leave(Channel<byte[]> reader) =>
        ImmutableInterlocked.Update(ref _readers, static (readers, left) => readers.Remove(left), reader);

    /// <summary>An event in the form of the server under test.</summary>
    public static byte[] EventOf(AgentTask task) => new WatchResponse
    {
        Revision = 1,
        Events = { new WatchEvent { Match = FilterMatch.Entered,
            Change = new Change { Revision = 1, Type = ChangeType.Created, Actor = new Actor { Id = "load", Type = ActorType.Service },
                Transition = new Transition { To = "AGENT_TASK_STATUS_QUEUED" }, AgentTask = task } } },
    }.ToByteArray();
}
