using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The tasks in a watch's view.</summary>
/// <param name="Filter">The watch's filter; null for none.</param>
/// <param name="ShowDeleted">Whether deleted tasks stay in the view.</param>
public sealed record WatchedView(FilterModel? Filter, bool ShowDeleted)
{
    public bool Holds(AgentTask task) => (ShowDeleted || task.DeletedAt is null) && Filter?.Matches(task) != false;
}
