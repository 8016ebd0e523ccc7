using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit;

/// <summary>Leaves in a server's database what an older release may have stored there, and no call stores any more.</summary>
public static class OlderRelease
{
    /// <summary>Replaces the rows of resources of one organization, the log untouched.</summary>
    public static void Store<T>(TestServer server, params T[] resources)
        where T : class, IMessage<T>, IResource, new() => Write(server, resources[0].OrganizationId, writer =>
    {
        foreach (var resource in resources)
        {
            var changedAt = (resource.UpdatedAt ?? resource.CreatedAt!).ToDateTimeOffset();
            writer.Update(server.Services.GetRequiredService<KindDefinition<T>>().ToRow(resource, version: 1, revision: 1, changedAt));
        }
    });

    /// <summary>Adds edges between board tasks without their counts. The tasks need not exist to be walked over.</summary>
    public static void Connect(TestServer server, string organization, IEnumerable<(Guid Parent, Guid Child)> edges) => Write(server, organization, writer =>
    {
        foreach (var (parent, child) in edges)
        {
            writer.Insert(new SubtaskRow { OrganizationId = organization, ParentId = parent, ChildId = child });
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
