using System.Text.Json;

namespace TaskGrpc.TestKit.Json;

/// <summary>Reads server-sent events by the rules of the HTML standard, as a browser does.</summary>
public sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream);

    /// <summary>The id that a browser would send to resume.</summary>
    public string LastId { get; set; } = "";

    /// <summary>How often an id came without an event, as heartbeats do.</summary>
    public int QuietIds { get; private set; }

    /// <summary>How long to wait before a reconnect, in milliseconds; null if the server has not said.</summary>
    public int? Retry { get; private set; }

    public void Dispose() => _lines.Dispose();

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<(string Type, JsonElement Data)?> NextAsync(CancellationToken cancellationToken)
    {
        var (type, data, id) = ("message", new List<string>(), LastId);
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                // Only a complete event counts: one that is cut off changes nothing.
                QuietIds += id != LastId && data.Count == 0 ? 1 : 0;
                LastId = id;
                if (data.Count > 0)
                {
                    return (type, JsonDocument.Parse(string.Join('\n', data)).RootElement);
                }

                type = "message";
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "event":
                    type = value;
                    break;
                case "data":
                    data.Add(value);
                    break;
                case "id":
                    id = value;
                    break;
                case "retry":
                    Retry = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        }

        return null;
    }
}
