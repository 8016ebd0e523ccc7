namespace TaskGrpc.Server.Faults;

/// <summary>Collects what is wrong with a request, so that the caller receives all of it at once.</summary>
internal sealed class Violations
{
    /// <summary>How many characters of violations are kept. A request of a few MiB can have millions; more are only counted.</summary>
    public const int MostCharacters = 1024 * 1024;

    // Made with the first violation: most requests have none.
    private List<FieldViolation>? _found;
    private HashSet<(string Field, string Description)>? _told;
    private int _characters;
    private int _untold;

    public bool Any => _found is not null;

    /// <summary>Whether further violations are only counted, so that their text need not be built.</summary>
    public bool IsFull => _characters >= MostCharacters;

    /// <summary>INVALID_FIELD with all violations; null if there are none.</summary>
    public Fault? Refusal => _found is null ? null : Fault.InvalidFields(_found, _untold);

    /// <summary>Adds a violation, unless an earlier one has the same text, as for two values of one list.</summary>
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

    /// <summary>A copy, so that adding to it does not change this one.</summary>
    public Violations Copy() => new()
    {
        _found = _found is null ? null : [.. _found],
        _told = _told is null ? null : [.. _told],
        _characters = _characters,
        _untold = _untold,
    };

    /// <exception cref="Fault">INVALID_FIELD with all violations.</exception>
    public void ThrowIfAny()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }
    }
}
