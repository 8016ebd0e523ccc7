using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Server.Storage;

/// <summary>The database: opened and migrated once at start, and lent out as readers and writers.</summary>
internal abstract class TaskStore(IOptions<StorageOptions> options) : IDisposable
{
    private readonly ConcurrentBag<StoreReader> _idle = [];
    private readonly SemaphoreSlim _readers = new(options.Value.ReaderConnections);
    private int _generation;

    /// <summary>How many commits can be under way at the same time.</summary>
    public abstract int Writers { get; }

    /// <summary>What is done because other servers write to the same database; null where none does.</summary>
    public virtual SharedStore? Shared => null;

    /// <summary>Whether other servers write to the same database, so that what was committed is found out by looking.</summary>
    public bool IsShared => Shared is not null;

    /// <summary>Tells this server from others on the same database.</summary>
    public Guid Replica { get; } = Guid.NewGuid();

    /// <summary>
    /// How often the connections were let go of. One that was opened under another number may lead to a database that is not the primary
    /// any more.
    /// </summary>
    public int Generation => Volatile.Read(ref _generation);

    protected StorageOptions Options { get; } = options.Value;

    /// <summary>Opens the database, and brings its schema up to date.</summary>
    /// <exception cref="RefusedToStartException">It cannot be served; the message says what to change.</exception>
    public abstract void Open();

    /// <summary>Looks whether there is a database to open, and makes none.</summary>
    /// <exception cref="RefusedToStartException">There is none.</exception>
    public virtual void RequireExisting()
    {
    }

    public abstract StoreWriter OpenWriter();

    /// <summary>Opens a connection of its own.</summary>
    public abstract StoreConnection Connect();

    /// <summary>What stands in line together: commands of one lane are committed one batch after the other, and never at the same time.</summary>
    public abstract string LaneOf(string organizationId);

    /// <summary>Where the keys are kept that encrypt what is secret in the database.</summary>
    public abstract IXmlRepository KeyRepository(ILoggerFactory loggers);

    /// <summary>Looks whether keys that lie in a folder can be used. Keys in the database are proved with it.</summary>
    /// <exception cref="RefusedToStartException">One cannot be read, or none can be written.</exception>
    public virtual void CheckKeys()
    {
    }

    /// <summary>The database's file if other users of the machine may read or write it.</summary>
    public virtual string? OpenToOthers() => null;

    /// <summary>Lends a reader that sees one organization, or for an empty name what the server's own work must see; waits while all of them are out.</summary>
    public async ValueTask<Rented> RentAsync(string organizationId, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        StoreReader? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : OpenReader(Generation);
            reader.BeginRent(organizationId);
            return new Rented(this, reader);
        }
        catch
        {
            // One that could not be opened says nothing of those that are: the database may have no room for more.
            if (reader is not null)
            {
                Discard(reader);
            }

            _readers.Release();
            throw;
        }
    }

    /// <summary>Says of a failure at the start what the operator can do about it.</summary>
    public virtual RefusedToStartException Unusable(Exception exception) => new($"The database cannot be used ({FailureText.Of(exception)}).", exception);

    /// <summary>Lets go of the readers that are not rented, and of those that are once they come back.</summary>
    public virtual void DiscardIdle()
    {
        Interlocked.Increment(ref _generation);
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    public virtual void Dispose()
    {
        DiscardIdle();
        _readers.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <param name="generation">Asked before: a reader that was opened while others were let go of may be at the same dead end.</param>
    protected virtual StoreReader OpenReader(int generation) => new(Connect()) { Generation = generation };

    private void Return(StoreReader reader)
    {
        try
        {
            reader.EndRent();
        }
        finally
        {
            if (reader.IsSound)
            {
                if (reader.Generation == Generation)
                {
                    _idle.Add(reader);
                }
                else
                {
                    reader.Dispose();
                }
            }
            else
            {
                Discard(reader);
            }

            _readers.Release();
        }
    }

    /// <summary>What broke one connection has most often broken the others too: each would fail one more caller to say so.</summary>
    private void Discard(StoreReader reader)
    {
        reader.Dispose();
        DiscardIdle();
    }

    /// <summary>A reader on loan; disposing gives it back.</summary>
    internal readonly struct Rented(TaskStore store, StoreReader reader) : IDisposable
    {
        public StoreReader Reader { get; } = reader;

        public void Dispose() => store.Return(Reader);
    }
}
