using Google.Protobuf;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Protocols.Http.Requests;
using TaskGrpc.Server.Protocols.Http.Streams;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>Runs every call of the contract over HTTP with JSON: the same admission, handlers and refusals as over gRPC.</summary>
internal sealed class HttpCalls(
    Admission admission, Refusals refusals, LongestCall longest, JsonRequests requests, ChangeTexts texts, TimeProvider time)
{
    public Task AnswerAsync(ServedCall served, HttpRoute route, HttpContext context) => RunAsync(
        served,
        context,
        async call =>
        {
            var (request, flaw) = await ReadAsync(served, route, context, call);
            await admission.AdmitAsync(call, served.ScopeOf(request), new HttpCredentials(context));
            Require(flaw);
            var answer = served.Handler.Answer!(request, call);
            await JsonAnswers.WriteAsync(context.Response, (await answer.WaitAsync(call.Ended)).ToMessage());
        },
        (refusal, status) => HttpErrors.WriteAsync(context.Response, refusal, status));

    public Task StreamAsync(ServedCall served, HttpRoute route, HttpContext context)
    {
        if (StreamSink.For(context, texts) is not { } sink)
        {
            context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return Task.CompletedTask;
        }

        return RunAsync(
            served,
            context,
            async call =>
            {
                var (request, flaw) = await ReadAsync(served, route, context, call);
                await admission.AdmitAsync(call, served.ScopeOf(request), new HttpCredentials(context), async () =>
                {
                    Require(flaw);
                    if (sink.TryResume(context.Request.Headers, (WatchRequest)request))
                    {
                        await served.Handler.Stream!(request, call, sink);
                        await sink.EndAsync(new Google.Rpc.Status(), isOver: true);
                    }
                    else
                    {
                        context.Response.StatusCode = StatusCodes.Status204NoContent;
                    }
                });
            },
            (refusal, status) => sink.CanTell(refusal.Status)
                ? sink.EndAsync(refusal.Status, refusal.Fault?.Reason is ErrorReason.RevisionCompacted or ErrorReason.EpochChanged)
                : HttpErrors.WriteAsync(context.Response, refusal, status));
    }

    /// <summary>Runs a call until its answer, its deadline, or until the caller has gone.</summary>
    private async Task RunAsync(
        ServedCall served, HttpContext context, Func<Call, Task> runAsync, Func<CallRefusal, int, Task> refuseAsync)
    {
        var name = served.Method.FullName;
        var call = new Call(name, deadline: null, context.RequestAborted);
        CancellationTokenSource? over = null, ended = null;
        try
        {
            if (longest.DeadlineOf(served, CallHeaders.DeadlineOf(context.Request.Headers, time)) is { } deadline)
            {
                over = new CancellationTokenSource(Left(deadline), time);
                ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, over.Token);
                call = new Call(name, deadline, ended.Token, over.Token);
            }

            await runAsync(call);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer any more.
        }
        catch (Exception exception)
        {
            var body = exception as RefusedBodyException;
            var refusal = refusals.Of(body?.Fault ?? exception, call, isWhole: true);
            await refuseAsync(refusal, body?.StatusCode ?? StatusOf(refusal, context.Request));
        }
        finally
        {
            ended?.Dispose();
            over?.Dispose();
        }
    }

    /// <summary>Reads the request. The server tells a flaw in it only to callers that may make the call.</summary>
    private async Task<(IMessage Request, Exception? Flaw)> ReadAsync(ServedCall served, HttpRoute route, HttpContext context, Call call)
    {
        try
        {
            return (await requests.ReadAsync(served, route, context, call.Ended), null);
        }
        catch (Exception flaw) when (flaw is Fault or RefusedBodyException)
        {
            return (served.NewRequest(), flaw);
        }
    }

    private static void Require(Exception? flaw)
    {
        if (flaw is not null)
        {
            throw flaw;
        }
    }

    private static int StatusOf(CallRefusal refusal, HttpRequest request) =>
        refusal.Fault is { Reason: ErrorReason.EtagMismatch } && CallHeaders.HasIfMatch(request.Headers)
            ? StatusCodes.Status412PreconditionFailed : HttpErrors.StatusOf(refusal.Status);

    private TimeSpan Left(DateTimeOffset end) => end - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
