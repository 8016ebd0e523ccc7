using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>Makes the request of a call from its path, query, body and headers.</summary>
internal sealed class JsonRequests(IOptions<LimitOptions> options)
{
    /// <summary>The most levels of JSON that are read. Fields have limits of their own, far below.</summary>
    public const int MostLevels = 1000;

    public static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostLevels };

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    /// <exception cref="RefusedBodyException">The body is too large, or of another type.</exception>
    public async Task<IMessage> ReadAsync(ServedCall served, HttpRoute route, HttpContext context, CancellationToken cancellationToken)
    {
        var request = served.NewRequest();
        var violations = new Violations();
        var taken = new HashSet<string>();
        if (route.Body.Length > 0)
        {
            RequireJson(context.Request);
            using var body = await ReadBodyAsync(context.Request, cancellationToken);
            request = ReadBody(body.RootElement, request, route, taken, violations);
        }
        else if (HttpMethods.IsPost(context.Request.Method))
        {
            RequireJson(context.Request);
        }

        foreach (var (name, value) in context.Request.RouteValues)
        {
            ReadPath(request, name, (string)value!, taken, violations);
        }

        ReadQuery(context.Request.Query, request, taken, violations);
        CallHeaders.Apply(context.Request.Headers, request, violations);
        violations.ThrowIfAny();
        return request;
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            throw new RefusedBodyException(StatusCodes.Status415UnsupportedMediaType,
                Fault.InvalidField("Content-Type", $"must be {JsonAnswers.ContentType}, even without a body"));
        }
    }

    private async Task<JsonDocument> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var most = options.Value.RequestBytes;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > most)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw new RefusedBodyException(StatusCodes.Status413PayloadTooLarge,
                    Fault.InvalidField("body", $"has more than {most} bytes; send less at once"));
            }

            if (!read.IsCompleted)
            {
                request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var json = read.Buffer.ToArray();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            try
            {
                return JsonDocument.Parse(json.Length == 0 ? "{}"u8.ToArray() : json, Strict);
            }
            catch (JsonException exception)
            {
                throw Fault.InvalidField("body", $"is not JSON of at most {MostLevels} levels: {Clip.Of(exception.Message, 200)}");
            }
        }
    }

    private static IMessage ReadBody(
        JsonElement json, IMessage request, HttpRoute route, HashSet<string> taken, Violations violations)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            violations.Add("body", "must be a JSON object");
            return request;
        }

        if (route.Body == HttpRoute.Whole)
        {
            taken.UnionWith(request.Descriptor.Fields.InFieldNumberOrder().Select(field => field.Name));
            return JsonFields.Parse(json, request.Descriptor, "", violations) ?? request;
        }

        var field = request.Descriptor.FindFieldByName(route.Body);
        taken.Add(field.Name);
        if (JsonFields.Parse(json, field.MessageType, field.Name + ".", violations) is not { } part)
        {
            return request;
        }

        field.Accessor.SetValue(request, part);
        if (request is IPatch patch)
        {
            // What the text names is what changes: null clears a field, which a message cannot say.
            var named = json.EnumerateObject().Select(property => JsonFields.Find(field.MessageType, property.Name)!).ToHashSet();
            patch.UpdateMask = new FieldMask();
            patch.UpdateMask.Paths.AddRange(FieldPolicy.Of(field.MessageType)
                .Where(policy => policy.IsUpdatable && named.Contains(policy.Field)).Select(policy => policy.Field.Name));
            patch.IsPatch = true;
        }

        return request;
    }

    /// <summary>A mask in the query replaces the one that follows from the text of the patch.</summary>
    private static void ReadQuery(IQueryCollection query, IMessage request, HashSet<string> taken, Violations violations)
    {
        if (request is IPatch patch && query.Keys.Any(name => JsonFields.Find(request.Descriptor, name)?.Name == "update_mask"))
        {
            (patch.UpdateMask, patch.IsPatch) = (null, false);
        }

        QueryFields.Apply(query, request, taken, violations);
    }

    private static void ReadPath(IMessage request, string name, string value, HashSet<string> taken, Violations violations)
    {
        var (target, path) = (request, name.Split('.'));
        foreach (var part in path[..^1])
        {
            var outer = target.Descriptor.FindFieldByName(part);
            if (outer.Accessor.GetValue(target) is not IMessage inner)
            {
                outer.Accessor.SetValue(target, inner = outer.MessageType.Parser.ParseFrom(ByteString.Empty));
            }

            target = inner;
        }

        var field = target.Descriptor.FindFieldByName(path[^1]);
        if (path.Length == 1)
        {
            taken.Add(field.Name);
        }

        if ((string)field.Accessor.GetValue(target) is { Length: > 0 } sent && sent != value)
        {
            violations.Add(name, "differs from the one in the path; leave it out of the body");
        }

        field.Accessor.SetValue(target, value);
    }
}
