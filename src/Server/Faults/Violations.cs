namespace TaskGrpc.Server.Faults;

/// <summary>Collects what is wrong with a request, so that a caller learns all of it at once.</summary>
internal sealed class Violations
{
    /// <summary>How many characters of violations are kept. A request of a few MiB can have millions; the rest is only counted.</summary>
    public const int MostCharacters = 1024 * 1024;

    // Made with the first violation: most requests have none.
    private List<FieldViolation>? _found;
    private HashSet<(string Field, string Description)>? _told;
    private int _characters;
    private int _untold;

    public bool Any => _found is not null;

    /// <summary>Whether further violations are only counted, so that their text need not be built.</summary>
    public bool IsFull => _characters >= MostCharacters;

    /// <summary>INVALID_FIELD with everything that was found; null if nothing was.</summary>
    public Fault? Refusal => _found is null ? null : Fault.InvalidFields(_found, _untold);

    /// <summary>
    /// Adds a violation. One that reads like an earlier one says nothing new and is dropped: two values of one list have the same path, for
    /// example.
    /// </summary>
    public void Add(string field, string description)
    {
        if (IsFull)
        {
            _untold++;
            return;
        }

        var violation = new FieldViolation(field, description);
        if ((_told ??= []).Add((violation.Field, violation.Description)))
        {
            _characters += violation.Field.Length + violation.Description.Length;
            (_found ??= []).Add(violation);
        }
    }

    /// <summary>What was found so far, to be added to on its own.</summary>
    public Violations Copy() => new()
    {
        _found = _found is null ? null : [.. _found],
        _told = _told is null ? null : [.. _told],
        _characters = _characters,
        _untold = _untold,
    };

    /// <exception cref="Fault">INVALID_FIELD with everything that was found.</exception>
    public void ThrowIfAny()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }
    }
}
