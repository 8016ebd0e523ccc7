using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Checks the log itself: D4, D5, W8.</summary>
internal static class LogCheck
{
    public static IEnumerable<string> Run(GroundTruth truth)
    {
        var revisions = truth.Log.Select(change => change.Revision).Distinct().ToList();
        if (!revisions.SequenceEqual(Enumerable.Range(1, revisions.Count).Select(revision => (long)revision)))
        {
            yield return $"D4 {truth.Organization}: the revisions are not 1 to {revisions.Count} without gaps and in order";
        }

        var fold = new Dictionary<string, IResource>();
        foreach (var change in truth.Log)
        {
            var task = ChangedResource.After(change);
            fold.TryGetValue(task.Id, out var before);
            if (before is null != (change.Type == ChangeType.Created))
            {
                yield return $"D5 {truth.Organization}: revision {change.Revision} is {change.Type} of a resource that "
                    + $"{(before is null ? "does not exist" : "exists")}";
            }
            else if (before is not null && !IsRight(change, before))
            {
                yield return $"W8 {truth.Organization}: revision {change.Revision} has wrong changed fields, previous values or "
                    + "transition";
            }

            fold[task.Id] = task;
        }

        foreach (var resource in truth.Resources.Where(resource => !resource.Equals(fold.GetValueOrDefault(resource.Id))))
        {
            yield return $"D5 {truth.Organization}: {resource.Id} differs from the fold of its changes";
        }

        if (fold.Count != truth.Resources.Count)
        {
            yield return $"D5 {truth.Organization}: the log has {fold.Count} resources, the store has {truth.Resources.Count}";
        }
    }

    private static bool IsRight(Change change, IResource before)
    {
        var after = ChangedResource.After(change);
        var expected = before.Descriptor.Parser.ParseFrom(Google.Protobuf.ByteString.Empty);
        var changed = new List<string>();
        foreach (var field in before.Descriptor.Fields.InFieldNumberOrder())
        {
            var (had, has) = (!field.HasPresence || field.Accessor.HasValue(before), !field.HasPresence || field.Accessor.HasValue(after));
            if (had != has || !Equals(field.Accessor.GetValue(before), field.Accessor.GetValue(after)))
            {
                changed.Add(field.Name);
                if (field.IsRepeated)
                {
                    var values = (System.Collections.IList)field.Accessor.GetValue(expected);
                    ((System.Collections.IList)field.Accessor.GetValue(before)).Cast<object>().ToList()
                        .ForEach(value => values.Add(value));
                }
                else if (had)
                {
                    field.Accessor.SetValue(expected, field.Accessor.GetValue(before));
                }
            }
        }

        return changed.SequenceEqual(change.ChangedFields.Paths) && expected.Equals(ChangedResource.Previous(change));
    }
}
