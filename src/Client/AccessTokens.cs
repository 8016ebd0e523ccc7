using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Grpc.Net.Client;

namespace TaskGrpc.Client;

/// <summary>Sends a bearer token with every call and every connection of a watch, asked for anew each time.</summary>
internal static class AccessTokens
{
    /// <exception cref="ValidationException">The token would travel in the clear over a network.</exception>
    public static void Use(GrpcChannelOptions channel, Uri address, Func<CancellationToken, ValueTask<string>> accessToken)
    {
        var isSecure = address.Scheme == Uri.UriSchemeHttps;
        if (!isSecure && !address.IsLoopback)
        {
            throw new ValidationException($"{nameof(TaskGrpcClientOptions.AccessToken)} is set, but {address} is neither https nor a loopback address: the token could be read by others on the network. Use an https address.");
        }

        var credentials = CallCredentials.FromInterceptor(async (context, metadata) =>
            metadata.Add("authorization", "Bearer " + await accessToken(context.CancellationToken).ConfigureAwait(false)));
        channel.Credentials = ChannelCredentials.Create(isSecure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure, credentials);
        channel.UnsafeUseInsecureChannelCallCredentials = !isSecure;
    }
}
