using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TaskGrpc.Server.Protocols.Grpc.Frames;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>A client that resets its call has canceled it, and nothing has failed, at whichever step the server notices.</summary>
public sealed class ResetCallTests
{
    private static readonly Exception[] Ends =
    [
        new IOException("The client reset the request stream."),
        // Kestrel fails the body so when the server has reset the call at its deadline.
        new TaskCanceledException(),
    ];

    /// <summary>Kestrel throws at once if the call was reset before the read began, else the read that waits fails.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    public async Task A_reset_before_or_in_a_read_or_while_a_message_is_taken_Is_a_cancellation(int end, bool atOnce)
    {
        var reader = ReaderOf(new ResetBody(Ends[end], atOnce));
        var read = await Assert.ThrowsAsync<RpcException>(() => reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(StatusCode.Cancelled, read.StatusCode);
        Assert.Equal(StatusCode.Cancelled, Assert.Throws<RpcException>(() => reader.TryRead(out _)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, Assert.Throws<RpcException>(() => reader.AdvanceTo(default)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, Assert.Throws<RpcException>(() => reader.AdvanceTo(default, default)).StatusCode);
    }

    [Fact]
    public async Task A_read_that_its_reader_cancels_Is_that_readers_own_cancellation()
    {
        var reader = ReaderOf(new ResetBody(new OperationCanceledException(), atOnce: true));
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => reader.ReadAsync(own.Token).AsTask());
    }

    private static PipeReader ReaderOf(ResetBody body)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(body);
        FrameReader.Read(context, MethodType.DuplexStreaming);
        return context.Features.Get<IRequestBodyPipeFeature>()!.Reader;
    }

    private sealed class ResetBody(Exception end, bool atOnce) : PipeReader, IRequestBodyPipeFeature
    {
        public PipeReader Reader => this;

        public override void AdvanceTo(SequencePosition consumed) => throw end;

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw end;

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            atOnce ? throw end : LaterAsync();

        public override bool TryRead(out ReadResult result) => throw end;

        private async ValueTask<ReadResult> LaterAsync()
        {
            await Task.Yield();
            throw end;
        }
    }
}
