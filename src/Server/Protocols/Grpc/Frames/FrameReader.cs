using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Frames;

/// <summary>
/// Refuses request bodies that are not gRPC frames, and quietly ends a canceled call. The framework reads messages before any interceptor
/// runs; in both cases it would answer UNKNOWN and log an error. The framework consumes only whole frames, so each read begins at the
/// start of a frame.
/// </summary>
internal sealed class FrameReader : PipeReader, IRequestBodyPipeFeature
{
    /// <summary>A flag, and the length of the message in four bytes.</summary>
    private const int HeadLength = 5;

    private readonly PipeReader _body;
    private readonly bool _isSingle;
    private bool _isWhole;

    private FrameReader(PipeReader body, bool isSingle) => (_body, _isSingle) = (body, isSingle);

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Sets a frame reader before the body of a call.</summary>
    public static void Read(HttpContext call, MethodType method)
    {
        var isSingle = method is MethodType.Unary or MethodType.ServerStreaming;
        call.Features.Set<IRequestBodyPipeFeature>(new FrameReader(call.Request.BodyReader, isSingle));
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var read = _body.ReadAsync(cancellationToken);
            return read.IsCompletedSuccessfully ? new(Checked(read.Result)) : AwaitedAsync(read, cancellationToken);
        }
        catch (Exception exception) when (IsEndOfCall(exception, cancellationToken))
        {
            throw Canceled();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            var isRead = _body.TryRead(out result);
            if (isRead)
            {
                result = Checked(result);
            }

            return isRead;
        }
        catch (Exception exception) when (IsEndOfCall(exception, CancellationToken.None))
        {
            throw Canceled();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        try
        {
            _body.AdvanceTo(consumed, examined);
        }
        catch (Exception exception) when (IsEndOfCall(exception, CancellationToken.None))
        {
            throw Canceled();
        }
    }

    public override void CancelPendingRead() => _body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _body.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitedAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        try
        {
            return Checked(await read);
        }
        catch (Exception exception) when (IsEndOfCall(exception, cancellationToken))
        {
            throw Canceled();
        }
    }

    /// <summary>
    /// Whether the body failed because the call is over: the client has reset it (IOException), or the server has, at its deadline
    /// (OperationCanceledException). Kestrel fails the body shortly before it cancels the call's token, and at once, without a task, if
    /// the call was already reset when the read began.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <param name="cancellationToken">The reader's own token: who cancels a read expects its own cancellation.</param>
    private static bool IsEndOfCall(Exception exception, CancellationToken cancellationToken) =>
        exception is IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static RpcException Canceled() => new(new Status(StatusCode.Cancelled, "The call was cancelled."));

    private ReadResult Checked(ReadResult read)
    {
        if (FlawOf(read.Buffer, read.IsCompleted) is { } flaw)
        {
            // Consume the rest of the body.
            _body.AdvanceTo(read.Buffer.End);
            var message = $"The request's body {flaw} Use a gRPC library, which frames each message.";
            throw FaultStatus.Of(new Fault(ErrorReason.InvalidField, message)).ToRpcException();
        }

        return read;
    }

    /// <summary>What is wrong with the body so far, to follow 'The request's body'; null for nothing.</summary>
    private string? FlawOf(in ReadOnlySequence<byte> body, bool isCompleted)
    {
        if (body.IsEmpty)
        {
            return isCompleted && _isSingle && !_isWhole ? "has no message." : null;
        }

        if (_isWhole)
        {
            return "has more than the one message that this call takes.";
        }

        if (body.FirstSpan[0] > 1)
        {
            return $"begins a message with the flag {body.FirstSpan[0]}; a flag is 0 or 1 (compressed).";
        }

        return body.Length >= HeadLength ? FlawOf(body, LengthOf(body), isCompleted)
            : isCompleted ? "ends within the header of a message."
            : null;
    }

    private string? FlawOf(in ReadOnlySequence<byte> body, uint length, bool isCompleted)
    {
        if (length > int.MaxValue)
        {
            return $"announces a message of {length} bytes; no server accepts more than 16 MiB (Limits:RequestBytes).";
        }

        var left = body.Length - HeadLength - length;
        _isWhole = _isSingle && left >= 0;
        return isCompleted && left < 0 ? $"ends {-left} bytes before the end of its message."
            : _isWhole && left > 0 ? "has more than the one message that this call takes."
            : null;
    }

    private static uint LengthOf(in ReadOnlySequence<byte> body)
    {
        if (body.FirstSpan.Length >= HeadLength)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(body.FirstSpan[1..]);
        }

        Span<byte> head = stackalloc byte[HeadLength];
        body.Slice(0, HeadLength).CopyTo(head);
        return BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
    }
}
