using TaskGrpc.Server.Sending;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class WebhookSignatureTests
{
    /// <summary>Values that the specification's authors publish (docs.svix.com, 'Verifying webhooks manually').</summary>
    [Theory]
    [InlineData("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, """{"event_type":"ping","data":{"success":true}}""", "rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")]
    [InlineData("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, """{"email":"test@example.com","username":"test_user"}""", "tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=")]
    public void The_specifications_examples_Are_signed_as_published(
        string secret, string id, long timestamp, string body, string signature)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        Assert.Equal($"v1,{signature}", WebhookSignature.Of([key], id, timestamp, System.Text.Encoding.UTF8.GetBytes(body)));
        Assert.Equal(signature, StandardWebhook.Sign(secret, id, $"{timestamp}", System.Text.Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void Two_secrets_Sign_side_by_side() =>
        Assert.Equal(2,
            WebhookSignature.Of([new byte[32], [1, 2, 3]], "id", 1, [1]).Split(' ').Distinct()
            .Count(part => part.StartsWith("v1,", StringComparison.Ordinal)));
}
