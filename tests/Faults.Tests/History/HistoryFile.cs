using System.Collections.Concurrent;
using System.Text.Json;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Collects the clients' histories as JSON lines, each client's entries in order.</summary>
public sealed class HistoryFile
{
    private readonly ConcurrentQueue<HistoryEntry> _entries = [];

    public void Add(HistoryEntry entry) => _entries.Enqueue(entry);

    public async Task WriteAsync(string path) =>
        await File.WriteAllLinesAsync(path, _entries.Select(entry => JsonSerializer.Serialize(entry)));

    public static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(string path) =>
        [.. (await File.ReadAllLinesAsync(path)).Select(line => JsonSerializer.Deserialize<HistoryEntry>(line)!)];
}
