using System.Runtime.CompilerServices;
using System.Text;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.Streams;

/// <summary>
/// The JSON of changes. All readers of a recent change share its bytes, so they share its JSON too: it is made once, and lives as long as
/// the bytes.
/// </summary>
internal sealed class ChangeTexts
{
    private readonly ConditionalWeakTable<byte[], byte[]> _texts = [];

    public byte[] Of(byte[] change) =>
        _texts.GetValue(change, static bytes => Encoding.UTF8.GetBytes(JsonAnswers.Of(Change.Parser.ParseFrom(bytes))));
}
