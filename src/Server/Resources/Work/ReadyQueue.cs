using Google.Protobuf;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>
/// The ready resources of one organization and kind, in the order of claims, as the commands of one batch see them: the rows of the
/// index, corrected by what earlier commands of the batch have changed. Two claims of a batch see each other's without a flush between.
/// </summary>
/// <param name="work">The kind.</param>
/// <param name="batch">The batch.</param>
/// <param name="writer">The transaction.</param>
/// <param name="organizationId">The organization.</param>
/// <param name="readyFor">Whose rows: empty for those that everybody may claim, else the USER's own.</param>
/// <param name="filter">A filter on the kind's brief fields; null for all.</param>
internal sealed class ReadyQueue<T>(
    Workable<T> work, Batch batch, StoreWriter writer, string organizationId, string readyFor, Filter<T>? filter)
    where T : class, IMessage<T>, IClaimable, new()
{
    private const int FirstRows = 32;
    private const int MostBytes = 2 * 1024 * 1024;

    private readonly List<(object[] Rank, Guid Id, T Resource)> _stored = [];
    private readonly SortedDictionary<object[], T> _changed = new(RankOrder.Instance);
    private readonly Dictionary<Guid, object[]?> _ranks = [];
    private int _read;
    private int _first;
    private int _looked;
    private bool _isExhausted;

    /// <summary>The ready resources, the most urgent first.</summary>
    public IEnumerable<(object[] Rank, T Resource)> Ready()
    {
        ReadChanges();
        using var changed = _changed.GetEnumerator();
        var hasChanged = changed.MoveNext();
        var place = _first;
        while (true)
        {
            var hasStored = HasStored(ref place);
            if (!hasStored && !hasChanged)
            {
                yield break;
            }

            if (hasStored && (!hasChanged || RankOrder.Instance.Compare(_stored[place].Rank, changed.Current.Key) < 0))
            {
                yield return (_stored[place].Rank, _stored[place].Resource);
                place++;
            }
            else
            {
                yield return (changed.Current.Key, changed.Current.Value);
                hasChanged = changed.MoveNext();
            }
        }
    }

    /// <summary>Whether there is a stored row at the place or after it that no command of the batch has changed.</summary>
    private bool HasStored(ref int place)
    {
        while (true)
        {
            if (place == _stored.Count && !Fetch())
            {
                return false;
            }

            if (!_ranks.ContainsKey(_stored[place].Id))
            {
                return true;
            }

            // Rows are changed from the front on: the next claim begins after them.
            _first += place == _first ? 1 : 0;
            place++;
        }
    }

    /// <summary>Reads what the commands accepted since the last claim have changed.</summary>
    private void ReadChanges()
    {
        for (; _read < batch.Accepted.Count; _read++)
        {
            if (batch.Accepted[_read] is not { Resource: T resource } || resource.OrganizationId != organizationId)
            {
                continue;
            }

            var id = Guid.Parse(resource.Id);
            if (_ranks.GetValueOrDefault(id) is { } before)
            {
                _changed.Remove(before);
            }

            var isReady = work.ReadyFor(resource) == readyFor && filter?.Matches(resource) != false;
            _ranks[id] = isReady ? work.RankOf(resource) : null;
            if (isReady)
            {
                _changed.Add(_ranks[id]!, resource);
            }
        }
    }

    /// <summary>Reads on in the index; false if it has no more rows, or this batch has looked at enough.</summary>
    private bool Fetch()
    {
        if (_isExhausted)
        {
            return false;
        }

        var (limit, before) = (Math.Min(Math.Max(FirstRows, _looked), ReadyRows.Most - _looked), _stored.Count);
        using var rows = writer.Read(ReadyRows.Next(
            writer.NewList(organizationId), work, readyFor, _stored is [.., var last] ? last.Rank : null, filter, limit));
        var size = 0;
        while (size < MostBytes && rows.Read())
        {
            var id = writer.Values.Id(rows, 0);
            var stored = new StoredBody(rows.GetInt64(1), rows.GetInt64(2), writer.Values.Moment(rows, 3), rows.GetFieldValue<byte[]>(4));
            size += stored.Body.Length;
            var resource = work.Kind.Parse(stored.Body);
            batch.Learn(work.Kind, id, resource, stored);
            _stored.Add((work.RankOf(resource), id, resource));
        }

        var found = _stored.Count - before;
        _looked += filter is null ? found : ReadyRows.Most;
        _isExhausted = _looked >= ReadyRows.Most || (size < MostBytes && found < limit);
        return found > 0;
    }
}
