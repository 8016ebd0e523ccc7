using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Grpc.Core;
using Grpc.Net.Compression;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Frames;

/// <summary>
/// A compression that reads a message whole or refuses it. .NET's streams accept truncated data as shorter data, so a truncated
/// conditional delete would be unconditional. This compares the checksum at the end and allows only one member. It also bounds the
/// decompressed size, because the framework bounds only the compressed one.
/// </summary>
internal abstract class CheckedCompression(string name, int mostBytes) : ICompressionProvider
{
    public string EncodingName => name;

    public static CheckedCompression Gzip(int mostBytes) => new GzipCompression(mostBytes);

    /// <summary>gRPC's 'deflate' is the zlib format.</summary>
    public static CheckedCompression Deflate(int mostBytes) => new DeflateCompression(mostBytes);

    public abstract Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    public Stream CreateDecompressionStream(Stream stream)
    {
        using var compressed = new MemoryStream();
        stream.CopyTo(compressed);
        if (compressed.Length == 0)
        {
            // .NET clients write nothing for an empty message.
            return new MemoryStream();
        }

        compressed.Position = 0;
        var message = new MemoryStream();
        try
        {
            using var decompression = Decompression(compressed);
            CopyTo(message, decompression);
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }

        var bytes = message.GetBuffer().AsSpan(0, (int)message.Length);
        if (!EndsWithChecksum(compressed.GetBuffer().AsSpan(0, (int)compressed.Length), bytes))
        {
            throw Damaged();
        }

        message.Position = 0;
        return message;
    }

    protected abstract Stream Decompression(Stream stream);

    protected abstract bool EndsWithChecksum(ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> message);

    private void CopyTo(MemoryStream message, Stream decompression)
    {
        var buffer = new byte[8192];
        for (var read = decompression.Read(buffer); read > 0; read = decompression.Read(buffer))
        {
            if (message.Length + read > mostBytes)
            {
                var detail = $"The decompressed message has more than {mostBytes} bytes. Send less at once.";
                throw new RpcException(new Status(StatusCode.ResourceExhausted, detail));
            }

            message.Write(buffer, 0, read);
        }
    }

    private RpcException Damaged()
    {
        var message = $"The message is not valid {EncodingName}, or it was damaged or truncated. Send it again.";
        return FaultStatus.Of(new Fault(ErrorReason.InvalidField, message)).ToRpcException();
    }

    private sealed class GzipCompression(int mostBytes) : CheckedCompression("gzip", mostBytes)
    {
        /// <summary>The CRC and the length, after at least ten bytes of header (RFC 1952, section 2.3).</summary>
        private const int TrailerLength = 8;

        public override Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
            new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

        protected override Stream Decompression(Stream stream) => new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);

        protected override bool EndsWithChecksum(ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> message) =>
            compressed.Length > TrailerLength
            && BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]) == message.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(compressed[^TrailerLength..]) == Crc32.HashToUInt32(message);
    }

    private sealed class DeflateCompression(int mostBytes) : CheckedCompression("deflate", mostBytes)
    {
        private const int TrailerLength = 4;

        public override Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
            new ZLibStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

        protected override Stream Decompression(Stream stream) => new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);

        protected override bool EndsWithChecksum(ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> message) =>
            compressed.Length > TrailerLength
            && BinaryPrimitives.ReadUInt32BigEndian(compressed[^TrailerLength..]) == Adler32.Of(message);
    }
}
