using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace TaskGrpc.TestKit.Json;

/// <summary>Makes the calls of the contract over HTTP with JSON, so that the tests of gRPC run over it unchanged.</summary>
public sealed class JsonInvoker(Uri address) : CallInvoker, IDisposable
{
    private static readonly JsonParser Parser = new(
        JsonParser.Settings.Default.WithTypeRegistry(TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor)));

    private readonly HttpClient _client = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose() => _client.Dispose();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        var answer = AnswerAsync<TResponse>(method.FullName, (IMessage)request, options, ending.Token);
        return new AsyncUnaryCall<TResponse>(
            answer, HeadersAsync(answer), () => StatusOf(answer), () => TrailersOf(answer), ending.Cancel);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        var message = JsonRequest.Of(method.FullName, (IMessage)request, options);
        message.Headers.Accept.ParseAdd("application/x-ndjson");
        var stream = new JsonStream<TResponse>(SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ending.Token), ending.Token);
        return new AsyncServerStreamingCall<TResponse>(stream, stream.Headers, stream.GetStatus, stream.GetTrailers, ending.Cancel);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    /// <summary>A message or an error in an answer.</summary>
    internal static T Parse<T>(string json)
        where T : class => (T)Parser.Parse(json, ((IMessage)Activator.CreateInstance<T>()).Descriptor);

    internal static RpcException ErrorOf(string json) => Parse<Status>(json).ToRpcException();

    private async Task<T> AnswerAsync<T>(string call, IMessage request, CallOptions options, CancellationToken cancellationToken)
        where T : class
    {
        using var response =
            await SendAsync(JsonRequest.Of(call, request, options), HttpCompletionOption.ResponseContentRead, cancellationToken);
        return Parse<T>(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <exception cref="RpcException">The server refused the call or was not reached.</exception>
    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption until, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.SendAsync(request, until, cancellationToken);
            return response.IsSuccessStatusCode ? response : throw ErrorOf(await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException exception)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, exception.Message, exception));
        }
        catch (OperationCanceledException exception)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, exception.Message, exception));
        }
    }

    private static async Task<Metadata> HeadersAsync(Task answer)
    {
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return [];
    }

    private static Grpc.Core.Status StatusOf(Task answer) =>
        (answer.Exception?.InnerException as RpcException)?.Status ?? Grpc.Core.Status.DefaultSuccess;

    private static Metadata TrailersOf(Task answer) => (answer.Exception?.InnerException as RpcException)?.Trailers ?? [];
}
