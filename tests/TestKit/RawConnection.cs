using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace TaskGrpc.TestKit;

/// <summary>A connection on which a test sends any HTTP/2 bytes, also those that no client sends (RFC 9113).</summary>
public sealed class RawConnection : IAsyncDisposable
{
    /// <summary>How long the server may take to close a connection that it must close.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Uri _server;

    public RawConnection(Uri server)
    {
        _server = server;
        _socket.Connect(server.Host, server.Port);
    }

    /// <summary>The connection's preface and empty settings.</summary>
    public static byte[] Preface => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])];

    /// <summary>Sends the preface and empty settings, and waits for the server's settings: then the server has accepted.</summary>
    public async Task SayHelloAsync()
    {
        await SendAsync(Preface);
        await _socket.ReceiveAsync(new byte[9]).WaitAsync(Limit, TimeProvider.System);
    }

    /// <summary>The head of a call, without its message.</summary>
    public static byte[] Head(int stream, string path, bool isWhole = true) => Frame(1, isWhole ? 0x4 : 0, stream, Fields([
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("content-type", "application/grpc"),
            ("te", "trailers")]));

    /// <summary>A continuation of a head.</summary>
    public static byte[] Continuation(int stream, bool isLast, params (string Name, string Value)[] headers) =>
        Frame(9, isLast ? 0x4 : 0, stream, Fields(headers));

    /// <summary>A message, and the end of the client's stream.</summary>
    public static byte[] Message(int stream, byte[] message) => Frame(0, 0x1, stream, RawCalls.Frame(message));

    /// <summary>A message without its last byte; the stream stays open.</summary>
    public static byte[] Part(int stream, byte[] message) => Frame(0, 0, stream, RawCalls.Frame(message)[..^1]);

    /// <summary>Resets a stream.</summary>
    public static byte[] Reset(int stream) => Frame(3, 0, stream, [0, 0, 0, 8]);

    /// <summary>Sends bytes; false if the server has closed the connection.</summary>
    public async Task<bool> SendAsync(byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Limit, TimeProvider.System);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads until the server closes the connection.</summary>
    /// <exception cref="TimeoutException">The server has not closed the connection in time.</exception>
    public async Task UntilClosedAsync()
    {
        var buffer = new byte[64 * 1024];
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            while (await _socket.ReceiveAsync(buffer, late.Token) > 0)
            {
                // The test ignores what the server sends before it closes.
            }
        }
        catch (SocketException)
        {
            // The server closed with a reset.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_server} keeps a connection open that it should have closed.");
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Close(0);
        return ValueTask.CompletedTask;
    }

    private static byte[] Frame(int type, int flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>Header fields in HPACK's simplest form: literal, never indexed, not compressed (RFC 7541 §6.2.3).</summary>
    private static byte[] Fields(params (string Name, string Value)[] fields) =>
        [.. fields.SelectMany(field => (byte[])[0x10, .. Text(field.Name), .. Text(field.Value)])];

    private static byte[] Text(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var head = new List<byte>();
        // An integer with a prefix of seven bits (RFC 7541 §5.1).
        var rest = bytes.Length;
        if (rest < 127)
        {
            head.Add((byte)rest);
        }
        else
        {
            head.Add(127);
            for (rest -= 127; rest >= 128; rest >>= 7)
            {
                head.Add((byte)(rest & 127 | 128));
            }

            head.Add((byte)rest);
        }

        return [.. head, .. bytes];
    }
}
