using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>For any body, query and path, the answer is a clear status in JSON, and the server continues to serve.</summary>
public sealed class HostileJsonTests(SqliteServer server, ITestOutputHelper output) : IClassFixture<SqliteServer>
{
    private const string Pieces = "{}[]\":,0123456789eE+-.truefalsn\\u0\u00e9\ud83d\ude00%&=;/?# \t\0";

    private static readonly HttpStatusCode[] Clear =
    [
        HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed,
        HttpStatusCode.NotAcceptable, HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed, HttpStatusCode.RequestEntityTooLarge,
        HttpStatusCode.UnsupportedMediaType, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable,
        HttpStatusCode.GatewayTimeout, HttpStatusCode.RequestHeaderFieldsTooLarge,
    ];

    /// <summary>The number of requests per call. TASKGRPC_HOSTILE_REQUESTS overrides it.</summary>
    private static int Requests => Environment.GetEnvironmentVariable("TASKGRPC_HOSTILE_REQUESTS") is { } chosen
        ? int.Parse(chosen, CultureInfo.InvariantCulture) : 60;

    [Theory]
    [MemberData(nameof(HostileRequestTests.Calls), MemberType = typeof(HostileRequestTests))]
    public async Task Mutated_bodies_and_queries_Get_a_clear_status(string name)
    {
        var method = ServedContract.Services.SelectMany(service => service.Methods).Single(method => method.FullName == name);
        var organization = server.NewOrganization();
        using var client = server.Server.Client(organization);
        var ids = await ExistingIds.CreateAsync(client);
        using var http = new HttpClient { BaseAddress = server.Server.Http };
        var (statuses, seed, done) = (new ConcurrentDictionary<HttpStatusCode, int>(), Environment.TickCount, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async worker =>
        {
            var random = new Random(seed + worker);
            var valid = new ValidRequests(random, ids);
            while (Interlocked.Increment(ref done) <= Requests)
            {
                using var request = await RequestAsync(random, method, valid);
                request.Headers.Add("x-organization-id", organization);
                // A watch or a wait that happens to be valid would not end.
                request.Headers.Add("X-Request-Timeout", method.IsServerStreaming ? "0.05" : "0.5");
                using var response = await http.SendAsync(request);
                statuses.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
                var text = await response.Content.ReadAsStringAsync();
                Assert.True(Clear.Contains(response.StatusCode), $"{response.StatusCode} on {request} (seed {seed}): {text}");
                if ((int)response.StatusCode >= 400)
                {
                    Assert.NotEqual(0, JsonDocument.Parse(text).RootElement.GetProperty("code").GetInt32());
                }
            }
        }));

        var counts = statuses.OrderByDescending(item => item.Value).Select(item => $"{item.Value} {(int)item.Key}");
        output.WriteLine($"{name}: {string.Join(", ", counts)}");
        Assert.NotEmpty((await client.CreateAgentTaskAsync()).Id);
    }

    private static async Task<HttpRequestMessage> RequestAsync(Random random, MethodDescriptor method, ValidRequests valid)
    {
        HttpRequestMessage? request = null;
        while (request is null)
        {
            try
            {
                request = JsonRequest.Of($"/{method.Service.FullName}/{method.Name}", valid.Of(method.InputType), new CallOptions());
            }
            catch (NotExpressibleException)
            {
                // Without an id it has no path: take another one.
            }
        }

        var (path, query) = request.RequestUri!.OriginalString.Split('?') is [var before, var after] ? (before, after)
            : (request.RequestUri.OriginalString, "");
        if (random.Next(3) == 0)
        {
            var names = method.InputType.Fields.InFieldNumberOrder().SelectMany(field => new[] { field.Name, field.JsonName }).Append("x");
            query += $"&{names.ElementAt(random.Next(names.Count()))}={Uri.EscapeDataString(Mutated(random, "text"))}";
        }

        if (random.Next(3) == 0)
        {
            query = Ascii(Mutated(random, query));
        }

        if (random.Next(10) == 0 && path.LastIndexOf('/') is var slash and > 0)
        {
            var id = Mutated(random, path[(slash + 1)..]).Replace("\0", "", StringComparison.Ordinal);
            path = path[..(slash + 1)] + Uri.EscapeDataString(id);
        }

        request.RequestUri = new Uri($"{path}?{query}", UriKind.Relative);
        if (request.Content is { } content)
        {
            var body = await content.ReadAsStringAsync();
            request.Content = random.Next(8) == 0
                ? new ByteArrayContent(Bytes(random)) : new ByteArrayContent(Encoding.UTF8.GetBytes(Mutated(random, body)));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        return request;
    }

    /// <summary>A text with a few characters deleted, doubled, replaced or inserted.</summary>
    private static string Mutated(Random random, string text)
    {
        var mutated = new StringBuilder(text);
        for (var i = random.Next(0, 4); i > 0; i--)
        {
            var (at, piece) = (random.Next(mutated.Length + 1), Pieces[random.Next(Pieces.Length)]);
            switch (random.Next(3))
            {
                case 0 when at < mutated.Length:
                    mutated.Remove(at, Math.Min(random.Next(1, 8), mutated.Length - at));
                    break;
                case 1 when at < mutated.Length:
                    mutated[at] = piece;
                    break;
                default:
                    mutated.Insert(at, new string(piece, random.Next(1, random.Next(20) == 0 ? 2000 : 3)));
                    break;
            }
        }

        return mutated.ToString();
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>What may stand in a URL; a server never receives the rest from a client that checks it.</summary>
    private static string Ascii(string text) =>
        string.Concat(text.Select(unit => unit is > ' ' and < '\x7f' and not '#' ? unit.ToString() : Uri.HexEscape((char)(unit & 0xff))));
}
