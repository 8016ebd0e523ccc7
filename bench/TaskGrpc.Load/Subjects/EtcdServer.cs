using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Load.Etcd;

namespace TaskGrpc.Load.Subjects;

/// <summary>Debian's etcd on fresh data, in its default settings: it syncs each group of puts to disk.</summary>
internal sealed class EtcdServer : Subject
{
    private static readonly string[] Places = ["/usr/bin/etcd", "/usr/local/bin/etcd"];

    private EtcdServer(Process process, Uri address, DirectoryInfo data)
        : base(process, address, data)
    {
    }

    public static async Task<EtcdServer> StartAsync()
    {
        var program = Array.Find(Places, File.Exists) ?? throw new MissingBaselineException("etcd", "etcd-server");
        var data = Directory.CreateTempSubdirectory("taskgrpc-load-etcd-");
        var (client, peer) = ($"http://127.0.0.1:{LoopbackPort.Free()}", $"http://127.0.0.1:{LoopbackPort.Free()}");
        var start = new ProcessStartInfo(
            program,
            ["--data-dir", Path.Combine(data.FullName, "data"), "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}", "--log-level",
                "error", "--quota-backend-bytes", "8589934592"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var server = new EtcdServer(process, new Uri(client), data);
        using var channel = server.Channel();
        var kv = new KV.KVClient(channel);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var tries = 0; ; tries++)
        {
            try
            {
                await kv.PutAsync(
                    new PutRequest { Key = ByteString.CopyFromUtf8("started"), Value = ByteString.Empty }, deadline: DateTime.MaxValue);
                return server;
            }
            catch (RpcException) when (tries < 200)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }
}
