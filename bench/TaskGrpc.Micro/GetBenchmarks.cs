using BenchmarkDotNet.Attributes;
using TaskGrpc.Server.Storage.Schema.Rows;

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
    public async Task OpenAsync()
    {
        _store = new MeasuredStore();
        for (var i = 0; i < Batches; i++)
        {
            _store.Commit(InBatch);
        }

        using var rented = await _store.Store.RentAsync("", CancellationToken.None);
        _tasks = [.. rented.Reader.Db.All<AgentTaskRow>().Select(row => new { row.OrganizationId, row.Id }).AsEnumerable().Select(row => (row.OrganizationId, row.Id))];
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
        return rented.Reader.Find(typeof(AgentTaskRow), id)!.Value.Body.Length;
    }
}
