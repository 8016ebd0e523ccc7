using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Server.Storage;

/// <summary>The database. The server opens and migrates it once at the start, then rents its readers and opens its writers.</summary>
internal abstract class TaskStore(IOptions<StorageOptions> options) : IDisposable
{
    private readonly ConcurrentBag<StoreReader> _idle = [];
    private readonly SemaphoreSlim _readers = new(options.Value.ReaderConnections);
    private int _generation;

    /// <summary>How many commits can run at the same time.</summary>
    public abstract int Writers { get; }

    /// <summary>What a replica needs because others write to the same database; null for the database of one server.</summary>
    public virtual SharedStore? Shared => null;

    /// <summary>Whether other replicas write to the same database, so that this one must read what they have committed.</summary>
    public bool IsShared => Shared is not null;

    /// <summary>Identifies this replica among those of the same database.</summary>
    public Guid Replica { get; } = Guid.NewGuid();

    /// <summary>
    /// How often the store has discarded its connections. A connection of an earlier number may lead to a database that is no longer the
    /// primary.
    /// </summary>
    public int Generation => Volatile.Read(ref _generation);

    protected StorageOptions Options { get; } = options.Value;

    /// <summary>Opens the database and migrates its schema.</summary>
    /// <exception cref="RefusedToStartException">The server cannot use the database; the message says what to change.</exception>
    public abstract void Open();

    /// <summary>Checks that the database exists, and creates none.</summary>
    /// <exception cref="RefusedToStartException">It does not exist.</exception>
    public abstract void RequireExisting();

    public abstract StoreWriter OpenWriter();

    /// <summary>Opens a connection of its own.</summary>
    public abstract StoreConnection Connect();

    /// <summary>The lane of an organization. Batches of one lane are committed one after the other, never at the same time.</summary>
    public abstract string LaneOf(string organizationId);

    /// <summary>The repository of the keys that encrypt the database's secrets.</summary>
    public abstract IXmlRepository KeyRepository();

    /// <summary>Checks that the server can use the keys in a folder. Opening the database has checked the keys in a database.</summary>
    /// <exception cref="RefusedToStartException">The server cannot read a key, or cannot write one.</exception>
    public abstract void CheckKeys();

    /// <summary>The path of the database's file if other users of the machine may read or write it; null if not.</summary>
    public virtual string? OpenToOthers() => null;

    /// <summary>Rents a reader of one organization, or of all for an empty name. Waits while all readers are rented.</summary>
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
            // A reader that could not be opened says nothing about the others: the database may be at its connection limit.
            if (reader is not null)
            {
                Discard(reader);
            }

            _readers.Release();
            throw;
        }
    }

    /// <summary>Turns a failure at the start into a refusal that tells the operator what to do.</summary>
    public abstract RefusedToStartException Unusable(Exception exception);

    /// <summary>Closes the idle readers now, and the rented ones when they are returned.</summary>
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

    /// <param name="generation">Read before the connection is opened: if the store discards its connections meanwhile, it discards this
    /// one too.</param>
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

    /// <summary>A failure that broke one connection has usually broken the idle ones too; each would fail one more caller.</summary>
    private void Discard(StoreReader reader)
    {
        reader.Dispose();
        DiscardIdle();
    }

    /// <summary>A rented reader; disposing of this returns it.</summary>
    internal readonly struct Rented(TaskStore store, StoreReader reader) : IDisposable
    {
        public StoreReader Reader { get; } = reader;

        public void Dispose() => store.Return(Reader);
    }
}
