using System.Text.Json;
using Grpc.Core;

namespace TaskGrpc.TestKit.Json;

/// <summary>A watch as lines of JSON.</summary>
internal sealed class JsonStream<T>(Task<HttpResponseMessage> response, CancellationToken ended) : IAsyncStreamReader<T>
    where T : class
{
    private StreamReader? _lines;
    private RpcException? _failure;

    public T Current { get; private set; } = null!;

    public Task<Metadata> Headers { get; } = response.ContinueWith(_ => new Metadata(), TaskScheduler.Default);

    public Status GetStatus() => _failure?.Status ?? Status.DefaultSuccess;

    public Metadata GetTrailers() => _failure?.Trailers ?? [];

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
            _lines ??= new StreamReader(await (await response).Content.ReadAsStreamAsync(stop.Token));
            if (await _lines.ReadLineAsync(stop.Token) is not { } line)
            {
                return false;
            }

            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("error", out var error))
            {
                throw JsonInvoker.ErrorOf(error.GetRawText());
            }

            Current = JsonInvoker.Parse<T>(line);
            return true;
        }
        catch (RpcException failure)
        {
            throw _failure = failure;
        }
        catch (OperationCanceledException exception)
        {
            throw _failure = new RpcException(new Status(StatusCode.Cancelled, exception.Message, exception));
        }
        catch (IOException exception)
        {
            throw _failure = new RpcException(new Status(StatusCode.Unavailable, exception.Message, exception));
        }
    }
}
