using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>What the headers of a call say of its request: the deadline, the request_id and the etag.</summary>
internal static class CallHeaders
{
    public const string Timeout = "X-Request-Timeout";
    public const string IdempotencyKey = "Idempotency-Key";

    public static bool HasIfMatch(IHeaderDictionary headers) => headers.IfMatch.Count > 0;

    /// <summary>Whether the header If-Match can name the version that the request changes.</summary>
    public static bool HasEtag(IMessage request) => request is IPatch
        || (request is IMutation && request.Descriptor.FindFieldByName("etag") is not null);

    /// <summary>When the caller stops waiting; null if it does not say.</summary>
    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static DateTimeOffset? DeadlineOf(IHeaderDictionary headers, TimeProvider time)
    {
        var text = headers[Timeout].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds > 0 && seconds <= TimeSpan.MaxValue.TotalSeconds / 2
            ? time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(365).TotalSeconds))
            : throw Fault.InvalidField(Timeout, "must be a number of seconds above 0, with or without decimals");
    }

    /// <summary>Puts the request_id and the etag of the headers into the request.</summary>
    public static void Apply(IHeaderDictionary headers, IMessage request, Violations violations)
    {
        if (request is IMutation mutation && headers[IdempotencyKey].ToString() is { Length: > 0 } key)
        {
            ApplyKey(mutation, key, violations);
        }

        if (request is IMutation && HasIfMatch(headers))
        {
            ApplyEtag(request, headers.IfMatch.ToString(), violations);
        }
    }

    private static void ApplyKey(IMutation request, string key, Violations violations)
    {
        var id = key is ['"', .. var inner, '"'] ? inner : key;
        if (!Guid.TryParseExact(id, "D", out var parsed))
        {
            violations.Add(IdempotencyKey, "must be a UUID, bare or in quotes");
        }
        else if (request.RequestId.Length > 0 && !string.Equals(request.RequestId, parsed.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            violations.Add(IdempotencyKey, "differs from the request_id of the body; send one of the two, or the same twice");
        }
        else
        {
            request.RequestId = parsed.ToString();
        }
    }

    private static void ApplyEtag(IMessage request, string sent, Violations violations)
    {
        const string header = "If-Match";
        if (sent == "*")
        {
            return;
        }

        if (sent is not ['"', .. var etag, '"'] || etag.Length == 0 || etag.Contains('"'))
        {
            violations.Add(header, "must be one strong etag in quotes, or *; weak etags and lists are not possible");
            return;
        }

        if (FieldOf(request) is not var (target, field))
        {
            violations.Add(header, "is not possible: this call compares no etag");
        }
        else if ((string)field.Accessor.GetValue(target) is { Length: > 0 } own && own != etag)
        {
            violations.Add(header, "differs from the etag of the body; send one of the two, or the same twice");
        }
        else
        {
            field.Accessor.SetValue(target, etag);
        }
    }

    /// <summary>The field with the etag: the request's own, or that of the resource to update.</summary>
    private static (IMessage Target, FieldDescriptor Field)? FieldOf(IMessage request)
    {
        var target = request is IPatch
            ? request.Descriptor.Fields.InFieldNumberOrder()[0].Accessor.GetValue(request) as IMessage : request;
        return HasEtag(request) && target is not null ? (target, target.Descriptor.FindFieldByName("etag")) : null;
    }
}
