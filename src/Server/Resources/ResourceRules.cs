using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Resources;

/// <summary>What a kind's verbs check and change beyond what its descriptors say. Pure: no store, no clock, no transport.</summary>
internal abstract class ResourceRules<T>
{
    /// <summary>The calls that move the status, for callers who try an Update.</summary>
    public virtual string StatusVerbs => $"Transition{typeof(T).Name}";

    /// <summary>Sets every defaulted field that is unset.</summary>
    public virtual void ApplyDefaults(T resource)
    {
    }

    /// <summary>
    /// Checks what was sent in a creation, before what only the server sets is cleared from it: of that, a status is judged and the rest
    /// ignored.
    /// </summary>
    public abstract void CheckSent(T sent, string path, Violations violations);

    /// <summary>Checks values that descriptors cannot judge, of the fields that the caller asks to set.</summary>
    public virtual void CheckValues(T resource, string path, Violations violations, Func<string, bool> isSet)
    {
    }

    /// <summary>Makes a new resource ready: checks who says what, and sets what the server sets.</summary>
    public abstract void Create(T resource, Caller caller, string path, Violations violations);

    /// <summary>Turns the answer of a creation that only checks into what the kind calls a preview.</summary>
    public virtual void Preview(T resource)
    {
    }

    /// <summary>Guards an update and draws its consequences.</summary>
    /// <exception cref="Fault">The update is not open in this state, or not to this caller.</exception>
    public virtual void Update(T before, T after, Caller caller)
    {
    }

    /// <summary>
    /// Checks the status in a creation of a kind that always starts in the same one: a caller that asks for another would not get it.
    /// </summary>
    protected void CheckInitial<TStatus>(TStatus sent, TStatus initial, string path, Violations violations)
        where TStatus : struct, Enum
    {
        if (!EqualityComparer<TStatus>.Default.Equals(sent, initial) && !EqualityComparer<TStatus>.Default.Equals(sent, default))
        {
            violations.Add(path + "status", $"must be absent or {EnumNames<TStatus>.Of(initial)} at creation; afterwards it moves by {StatusVerbs}");
        }
    }
}
