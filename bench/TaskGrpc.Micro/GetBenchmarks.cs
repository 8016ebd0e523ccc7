using BenchmarkDotNet.Attributes;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Micro;

/// <summary>The store's part of a Get of any of 20,000 tasks, without gRPC.</summary>
public class GetBenchmarks : IDisposable
{
    private const int Batches = 80;
    private const int InBatch = 250;

    private readonly Random _random = new(1);
    private MeasuredStore? _store;
    private (string Organization, Guid Id)[] _tasks = [];

    [GlobalSetup]
    public void Open()
    {
        _store = new MeasuredStore();
        for (var i = 0; i < Batches; i++)
        {
            _store.Commit(InBatch);
        }

        using var db = _store.Store.Connect();
        using var query = new Query(db.Connection, "SELECT organization_id, id FROM agent_tasks");
        using var rows = query.Read();
        var tasks = new List<(string, Guid)>();
        while (rows.Read())
        {
            tasks.Add((rows.GetString(0), db.Values.Id(rows, 1)));
        }

        _tasks = [.. tasks];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _store!.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Rents a reader, finds a row by its id, and returns the reader.</summary>
    [Benchmark]
    public async Task<int> GetAsync()
    {
        var (organization, id) = _tasks[_random.Next(_tasks.Length)];
        using var rented = await _store!.Store.RentAsync(organization, CancellationToken.None);
        return rented.Reader.Find(Tables.AgentTasks, id)!.Value.Body.Length;
    }
}
