using CsCheck;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Reading;
using Xunit;

namespace TaskGrpc.Server.Tests.Ledger;

public sealed class ResumeTokenTests
{
    [Fact]
    public void Parse_of_what_was_written_Returns_it() =>
        Gen.Select(Gen.String[1, 300], Gen.Guid, Gen.Long[0, long.MaxValue]).Sample((organization, epoch, revision) =>
        {
            var token = ResumeToken.Parse(new ResumeToken(new(organization), epoch, revision).ToString(), organization);
            Assert.Equal((epoch, revision), (token.Epoch, token.Revision));
        });

    [Fact]
    public void Parse_of_anything_else_Is_refused_as_a_resume_token() =>
        Gen.Select(Gen.String[0, 60], Gen.String[Gen.Char["ABCabc019-_= \n"], 44, 44]).Sample((any, shaped) =>
        {
            Assert.Equal(V1.ErrorReason.InvalidResumeToken, Assert.Throws<Fault>(() => ResumeToken.Parse(any, "org")).Reason);
            Assert.Equal(V1.ErrorReason.InvalidResumeToken, Assert.Throws<Fault>(() => ResumeToken.Parse(shaped, "org")).Reason);
        });
}
