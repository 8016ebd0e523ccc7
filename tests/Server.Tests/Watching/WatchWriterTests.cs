using System.Buffers;
using System.IO.Pipelines;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>
/// The stream below a call serves the connection's next call as soon as this call ends. So no write may outlive the wait for it, and the
/// client can still read what was written.
/// </summary>
public sealed class WatchWriterTests
{
    private readonly FullStream _stream = new();

    [Fact]
    public async Task A_write_that_its_reader_does_not_take_in_time_Ends_before_the_watch_does()
    {
        var writer = new WatchWriter(_stream, "org", TimeSpan.FromMilliseconds(100), TimeProvider.System);

        var fault = await Assert.ThrowsAsync<Fault>(async () => await writer.SendAsync(1, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorReason.SlowReader, fault.Reason);
        AssertEndedWithNothingLost();
    }

    [Fact]
    public async Task A_write_whose_call_is_over_Ends_before_the_watch_does()
    {
        var writer = new WatchWriter(_stream, "org", TimeSpan.FromMinutes(1), TimeProvider.System);
        using var over = new CancellationTokenSource();

        var sending = writer.SendAsync(1, over.Token).AsTask();
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        AssertEndedWithNothingLost();
    }

    private void AssertEndedWithNothingLost()
    {
        Assert.Equal(TaskStatus.RanToCompletion, _stream.Write?.Status);
        Assert.True(_stream.Pipe.Reader.TryRead(out var read));
        Assert.Equal(FullStream.Message, read.Buffer.ToArray());
    }

    /// <summary>A response that its first message fills.</summary>
    private sealed class FullStream : IWatchSink
    {
        public static readonly byte[] Message = [1, 2, 3];

        public Pipe Pipe { get; } = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));

        public Task? Write { get; private set; }

        public Task WriteAsync(WatchFrame frame) => Write = Pipe.Writer.WriteAsync(Message).AsTask();

        public void EndPendingWrite() => Pipe.Writer.CancelPendingFlush();
    }
}
