using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Testing;

/// <summary>Leaves in a server's database what an older release may have stored there, and no call stores any more.</summary>
public static class OlderRelease
{
    /// <summary>Replaces a resource's row, the log untouched.</summary>
    public static void Store<T>(TestServer server, T resource)
        where T : class, IMessage<T>, IResource, new() => Write(server, resource.OrganizationId, writer =>
    {
        var row = server.Services.GetRequiredService<KindDefinition<T>>().ToRow(resource);
        (row.Version, row.Revision, row.Body) = (1, 1, resource.ToByteArray());
        writer.Update(row);
    });

    /// <summary>Writes rows in one transaction of their own.</summary>
    internal static void Write(TestServer server, string organization, Action<StoreWriter> write)
    {
        using var writer = server.Services.GetRequiredService<TaskStore>().OpenWriter();
        writer.Begin(organization, Foreseen.Nothing);
        write(writer);
        writer.Commit();
    }
}
