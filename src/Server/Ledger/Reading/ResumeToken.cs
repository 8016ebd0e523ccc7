using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A position in an organization's log as opaque text. Text, because grpcurl shows bytes as base64.</summary>
internal readonly struct ResumeToken(OrganizationStamp organization, Guid epoch, long revision)
{
    /// <summary>The length of every token in UTF-8 bytes.</summary>
    public const int Length = 44;

    private const byte Version = 1;
    private const int Size = 1 + 8 + 16 + 8;

    public Guid Epoch { get; } = epoch;

    public long Revision { get; } = revision;

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[Length];
        WriteUtf8(text);
        return Encoding.ASCII.GetString(text);
    }

    public void WriteUtf8(Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        organization.Write(bytes[1..9]);
        Epoch.TryWriteBytes(bytes[9..25], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[25..], Revision);
        Base64Url.EncodeToUtf8(bytes, text, out _, out _);
    }

    /// <exception cref="Fault">INVALID_RESUME_TOKEN: malformed, or of another organization.</exception>
    public static ResumeToken Parse(string text, string organizationId)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var organization = new OrganizationStamp(organizationId);
        // Check the length first: the decoder skips white space, which a token never contains.
        if (text.Length != Length || !Base64Url.IsValid(text, out var size) || size != Size
            || !Base64Url.TryDecodeFromChars(text, bytes, out _) || bytes[0] != Version || !organization.IsAt(bytes[1..9]))
        {
            throw Invalid();
        }

        var revision = BinaryPrimitives.ReadInt64BigEndian(bytes[25..]);
        return revision >= 0 ? new ResumeToken(organization, new Guid(bytes[9..25], bigEndian: true), revision) : throw Invalid();
    }

    private static Fault Invalid() =>
        new(
            ErrorReason.InvalidResumeToken,
            "The resume token is malformed or belongs to another organization. "
            + "Send a token unchanged as a Watch or List of your organization returned it, or start without one.")
        {
            Violations = [new FieldViolation("resume_token", "is malformed or belongs to another organization")],
        };
}
