using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace TaskGrpc.Server.Resources;

/// <summary>What a kind's verbs check and change beyond its descriptors. Pure: no store, no clock, no transport.</summary>
internal abstract class ResourceRules<T>
{
    /// <summary>The calls that move the status, for a refused Update.</summary>
    public virtual string StatusVerbs => $"Transition{typeof(T).Name}";

    /// <summary>Sets every unset field that has a default.</summary>
    public virtual void ApplyDefaults(T resource)
    {
    }

    /// <summary>
    /// Checks the resource of a Create as it was sent, before output-only fields are cleared: a status counts, the other output-only
    /// fields are ignored.
    /// </summary>
    public abstract void CheckSent(T sent, string path, Violations violations);

    /// <summary>Checks values that descriptors cannot check, of the fields that the caller sets.</summary>
    public virtual void CheckValues(T resource, string path, Violations violations, Func<string, bool> isSet)
    {
    }

    /// <summary>Completes a new resource: checks it against the caller, and sets the fields that the server sets.</summary>
    public abstract void Create(T resource, Caller caller, string path, Violations violations);

    /// <summary>Sets what depends on the time at which a new resource is stored. It may run again, at a later time.</summary>
    public virtual void Begin(T resource, Timestamp at)
    {
    }

    /// <summary>Adapts the answer of a Create with validate_only.</summary>
    public virtual void Preview(T resource)
    {
    }

    /// <summary>Guards an Update and changes the fields that depend on it.</summary>
    /// <exception cref="Fault">The state or the caller does not allow the Update.</exception>
    public virtual void Update(T before, T after, Caller caller, Timestamp at)
    {
    }

    /// <summary>Refuses a Create with another status than the initial one, which the server would ignore.</summary>
    protected void CheckInitial<TStatus>(TStatus sent, TStatus initial, string path, Violations violations)
        where TStatus : struct, Enum
    {
        if (!EqualityComparer<TStatus>.Default.Equals(sent, initial) && !EqualityComparer<TStatus>.Default.Equals(sent, default))
        {
            violations.Add(
                path + "status", $"must be absent or {EnumNames<TStatus>.Of(initial)} at creation; change it later with {StatusVerbs}");
        }
    }
}
