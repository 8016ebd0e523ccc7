using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit;

/// <summary>Writes rows that an older release may have stored and that no call of this build stores.</summary>
public static class OlderRelease
{
    /// <summary>Replaces the rows of one organization's resources and leaves the log as it is.</summary>
    public static void Store<T>(TestServer server, params T[] resources)
        where T : class, IMessage<T>, IResource, new() => Write(server, resources[0].OrganizationId, writer =>
    {
        foreach (var resource in resources)
        {
            var changedAt = (resource.UpdatedAt ?? resource.CreatedAt!).ToDateTimeOffset();
            writer.Update(server.Services.GetRequiredService<KindDefinition<T>>().ToRow(resource, version: 1, revision: 1, changedAt));
        }
    });

    /// <summary>Adds edges between board tasks without updating their counts. The tasks need not exist.</summary>
    public static void Connect(TestServer server, string organization, IEnumerable<(Guid Parent, Guid Child)> edges) =>
        Write(server, organization, writer =>
    {
        foreach (var (parent, child) in edges)
        {
            writer.Insert(new SubtaskRow { OrganizationId = organization, ParentId = parent, ChildId = child });
        }
    });

    /// <summary>Adds edges from blocked board tasks to their blockers without updating counts. The tasks need not exist.</summary>
    public static void Block(TestServer server, string organization, IEnumerable<(Guid Blocked, Guid Blocker)> edges) =>
        Write(server, organization, writer =>
    {
        foreach (var (blocked, blocker) in edges)
        {
            writer.Insert(new BlockerRow { OrganizationId = organization, BlockedId = blocked, BlockerId = blocker });
        }
    });

    private static void Write(TestServer server, string organization, Action<StoreWriter> write)
    {
        using var writer = server.Services.GetRequiredService<TaskStore>().OpenWriter();
        writer.Begin(organization, Foreseen.Nothing);
        write(writer);
        writer.Commit();
    }
}
