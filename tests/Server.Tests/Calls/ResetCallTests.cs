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
    [Fact]
    public async Task A_reset_between_two_messages_or_while_one_is_taken_Is_a_cancellation()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new ResetBody());
        FrameReader.Read(context, MethodType.DuplexStreaming);
        var reader = context.Features.Get<IRequestBodyPipeFeature>()!.Reader;

        var read = await Assert.ThrowsAsync<RpcException>(() => reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(StatusCode.Cancelled, read.StatusCode);
        Assert.Equal(StatusCode.Cancelled, Assert.Throws<RpcException>(() => reader.AdvanceTo(default)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, Assert.Throws<RpcException>(() => reader.AdvanceTo(default, default)).StatusCode);
    }

    private sealed class ResetBody : PipeReader, IRequestBodyPipeFeature
    {
        public PipeReader Reader => this;

        public override void AdvanceTo(SequencePosition consumed) => throw Reset();

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw Reset();

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            throw Reset();
        }

        public override bool TryRead(out ReadResult result) => throw Reset();

        private static IOException Reset() => new("The client reset the request stream.");
    }
}
