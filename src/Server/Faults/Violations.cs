namespace TaskGrpc.Server.Faults;

/// <summary>Collects what is wrong with a request, so that a caller learns all of it at once.</summary>
internal sealed class Violations
{
    /// <summary>More than these help nobody and would swell the answer's metadata beyond what clients accept.</summary>
    private const int Most = 50;

    private List<FieldViolation>? _found;

    public void Add(string field, string description)
    {
        _found ??= [];
        if (_found.Count < Most)
        {
            _found.Add(new FieldViolation(field, description));
        }
    }

    /// <exception cref="Fault">INVALID_FIELD with everything that was found.</exception>
    public void ThrowIfAny()
    {
        if (_found is not null)
        {
            throw Fault.InvalidFields(_found);
        }
    }
}
