namespace TaskGrpc.Server.Faults;

/// <summary>Collects what is wrong with a request, so that a caller learns all of it at once.</summary>
internal sealed class Violations
{
    /// <summary>More than these help nobody and would swell the answer's metadata beyond what clients accept.</summary>
    private const int Most = 50;

    private List<FieldViolation>? _found;

    public bool Any => _found is not null;

    /// <summary>Adds a violation. One that reads like an earlier one says nothing new and is dropped: two values of one list have the same path, for example.</summary>
    public void Add(string field, string description)
    {
        _found ??= [];
        var violation = new FieldViolation(field, description);
        if (_found.Count < Most && !_found.Exists(found => found.Field == violation.Field && found.Description == violation.Description))
        {
            _found.Add(violation);
        }
    }

    /// <summary>What was found so far, to be added to on its own.</summary>
    public Violations Copy() => new() { _found = _found is null ? null : [.. _found] };

    /// <exception cref="Fault">INVALID_FIELD with everything that was found.</exception>
    public void ThrowIfAny()
    {
        if (_found is not null)
        {
            throw Fault.InvalidFields(_found);
        }
    }
}
