using CsCheck;
using Google.Protobuf;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

public sealed class WatchFrameTests
{
    [Fact]
    public void A_frame_Parses_as_the_generated_message_would() =>
        Gen.Select(Gen.String[0, 400].Array[0, 5], Gen.Int[1, 3].Array[5], Gen.Long[0, long.MaxValue], Gen.Guid, Gen.Bool)
            .Sample((reasons, matches, revision, epoch, complete) =>
        {
            var expected = new WatchResponse { Revision = revision, SnapshotComplete = complete };
            var frame = new WatchFrame { Revision = revision, SnapshotComplete = complete };
            foreach (var (reason, match) in reasons.Zip(matches))
            {
                var change = new Change { Reason = reason, Revision = reason.Length, BoardTask = new() { Title = reason } };
                expected.Events.Add(new WatchEvent { Change = change, Match = (FilterMatch)match });
                frame.Add(change.ToByteArray(), (FilterMatch)match);
            }

            if (revision > 0)
            {
                frame.Token = new ResumeToken(new("org"), epoch, revision);
                expected.ResumeToken = frame.Token.ToString()!;
            }

            var read = new List<WatchResponse>();
            new RecordingStream(read.Add).WriteAsync(frame).GetAwaiter().GetResult();
            Assert.Equal([expected], read);
        });
}
