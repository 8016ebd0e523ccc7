using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TaskGrpc.Load.Subjects;

/// <summary>One connection that speaks Redis's protocol, RESP 2, with nothing that a client library adds.</summary>
internal sealed class RedisConnection : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly MemoryStream _writes = new();
    private byte[] _buffer = new byte[BufferBytes];
    private int _first;
    private int _end;

    private RedisConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    public static async Task<RedisConnection> OpenAsync(Uri address)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port);
        return new RedisConnection(client);
    }

    /// <summary>Sends one command and returns its answer: a text, a number, null or an array of these.</summary>
    public async Task<object?> CallAsync(params byte[][] command)
    {
        Write(command);
        await SendAsync();
        return await ReadAsync();
    }

    /// <summary>Sends many commands at once and waits for all answers.</summary>
    public async Task CallAllAsync(IReadOnlyCollection<byte[][]> commands)
    {
        foreach (var command in commands)
        {
            Write(command);
        }

        await SendAsync();
        foreach (var _ in commands)
        {
            await ReadAsync();
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _writes.Dispose();
    }

    private void Write(byte[][] command)
    {
        _writes.Write(Encoding.ASCII.GetBytes($"*{command.Length}\r\n"));
        foreach (var part in command)
        {
            _writes.Write(Encoding.ASCII.GetBytes($"${part.Length}\r\n"));
            _writes.Write(part);
            _writes.Write(LineEnd);
        }
    }

    private async Task SendAsync()
    {
        await _stream.WriteAsync(_writes.GetBuffer().AsMemory(0, (int)_writes.Length));
        _writes.SetLength(0);
    }

    private async Task<object?> ReadAsync()
    {
        var line = await ReadLineAsync();
        switch (line[0])
        {
            case '+':
                return line[1..];
            case ':':
                return long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            case '$':
                return await ReadTextAsync(int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture));
            case '*':
                var count = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                if (count < 0)
                {
                    return null;
                }

                var items = new object?[count];
                for (var i = 0; i < count; i++)
                {
                    items[i] = await ReadAsync();
                }

                return items;
            default:
                throw new InvalidOperationException($"Redis answered: {line}");
        }
    }

    private async Task<object?> ReadTextAsync(int length)
    {
        if (length < 0)
        {
            return null;
        }

        while (_end - _first < length + LineEnd.Length)
        {
            await FillAsync();
        }

        var text = Encoding.UTF8.GetString(_buffer, _first, length);
        _first += length + LineEnd.Length;
        return text;
    }

    private async Task<string> ReadLineAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_first, _end - _first).IndexOf(LineEnd)) < 0)
        {
            await FillAsync();
        }

        var line = Encoding.ASCII.GetString(_buffer, _first, length);
        _first += length + LineEnd.Length;
        return line;
    }

    /// <summary>Reads on, and makes room first.</summary>
    private async Task FillAsync()
    {
        if (_first > 0)
        {
            _buffer.AsSpan(_first, _end - _first).CopyTo(_buffer);
            (_first, _end) = (0, _end - _first);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end));
        _end += read > 0 ? read : throw new InvalidOperationException("Redis has closed the connection.");
    }
}
