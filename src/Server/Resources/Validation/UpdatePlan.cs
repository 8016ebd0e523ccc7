using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>The fields that an Update changes: those in its mask, or the populated ones without a mask.</summary>
internal sealed class UpdatePlan<T>
    where T : class, IMessage<T>, IResource, new()
{
    /// <summary>The most characters of an unknown path in a violation, so that the advice after it is not cut off.</summary>
    private const int LongestPath = 120;

    private readonly ResourceRules<T> _rules;
    private readonly T _resource;
    private readonly string _path;
    private readonly bool _isJudged;
    private readonly List<FieldPolicy> _fields;

    /// <exception cref="Fault">INVALID_FIELD for unknown paths and bad values; IMMUTABLE_FIELD for paths that cannot change.</exception>
    public UpdatePlan(ResourceRules<T> rules, IUpdateRequest<T> request, string path, Violations violations)
    {
        _rules = rules;
        _path = path;
        _resource = request.Resource ?? throw Fault.InvalidField(path.TrimEnd('.'), "is required");
        var hasMask = request.UpdateMask is { Paths.Count: > 0 };
        _isJudged = !hasMask || request.IsPatch;
        if (!MessageCheck.IsUuid(_resource.Id))
        {
            // The first field of every resource is its id, under different names.
            violations.Add(path + _resource.Descriptor.FindFieldByNumber(1).Name,
                _resource.Id.Length == 0 ? "is required" : "must be a UUID in lower-case text, as the server assigned it");
        }

        var immutable = new List<FieldViolation>();
        _fields = hasMask ? Named(request.UpdateMask!.Paths, violations, immutable) : Populated();
        foreach (var field in _fields)
        {
            CheckField(field, violations);
        }

        rules.CheckValues(_resource, path, violations, field => _fields.Any(policy => policy.Field.Name == field));
        violations.ThrowIfAny();
        if (immutable.Count > 0)
        {
            throw Fault.ImmutableFields(immutable);
        }
    }

    /// <exception cref="Fault">IMMUTABLE_FIELD: without a mask or in a patch, a sent status or immutable field has changed.</exception>
    public void Apply(T before, T after)
    {
        if (_isJudged)
        {
            RequireUnchanged(before);
        }

        foreach (var field in _fields)
        {
            FieldDiff.Copy(field.Field, _resource, after);
            field.CutMoment(after);
        }

        _rules.ApplyDefaults(after);
    }

    private void CheckField(FieldPolicy field, Violations violations)
    {
        // An enum's zero in the mask resets the field to its default; any other unset value is checked like a new one.
        if (field.IsPopulated(_resource) || field.IsRequired)
        {
            MessageCheck.CheckField(field, _resource, _path, violations);
        }
    }

    private List<FieldPolicy> Named(IEnumerable<string> paths, Violations violations, List<FieldViolation> immutable)
    {
        var policies = FieldPolicy.Of(new T().Descriptor);
        if (paths.SequenceEqual(["*"]))
        {
            return [.. policies.Where(policy => policy.IsUpdatable)];
        }

        var named = new List<FieldPolicy>();
        foreach (var path in paths.Distinct())
        {
            if (policies.FirstOrDefault(policy => policy.Field.Name == path) is not { } policy)
            {
                violations.Add(
                    "update_mask",
                    $"'{Clip.Of(path, LongestPath)}' is not a field of {new T().Descriptor.Name}; name top-level fields, or '*' alone");
            }
            else if (policy.IsUpdatable)
            {
                named.Add(policy);
            }
            else
            {
                immutable.Add(new FieldViolation(path, CannotChange(policy)));
            }
        }

        return named;
    }

    private List<FieldPolicy> Populated() =>
        [.. FieldPolicy.Of(_resource.Descriptor).Where(policy => policy.IsUpdatable && policy.IsPopulated(_resource))];

    private void RequireUnchanged(T before)
    {
        var changed = FieldPolicy.Of(_resource.Descriptor)
            .Where(policy => (!policy.IsUpdatable && !policy.IsOutputOnly) || policy.Field.Name == "status")
            .Where(policy => policy.IsPopulated(_resource) && !FieldDiff.Same(policy.Field, _resource, before))
            .Select(policy => new FieldViolation(_path + policy.Field.Name, CannotChange(policy)))
            .ToArray();
        if (changed.Length > 0)
        {
            throw Fault.ImmutableFields(changed);
        }
    }

    private string CannotChange(FieldPolicy policy) =>
        policy.Field.Name == "status" ? $"cannot be changed by an Update; use {_rules.StatusVerbs}"
        : policy.IsOutputOnly ? "is set by the server; leave it out"
        : "cannot be changed after creation; leave it out";
}
