namespace TaskGrpc.Server.Sending;

/// <summary>The log messages of sending. Never a payload, never an address.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(
        301,
        LogLevel.Error,
        "The server cannot decrypt the signing secrets for the delivery {DeliveryId}. "
        + "Restore the data protection keys, or expire the signing secrets and create new secrets.")]
    public static partial void SecretUnreadable(this ILogger logger, Exception exception, string deliveryId);

    [LoggerMessage(302, LogLevel.Warning, "The mail server refused the log-in ({Refusal}). Check Smtp:UserName and Smtp:Password.")]
    public static partial void MailLogInRefused(this ILogger logger, string refusal);

    [LoggerMessage(303, LogLevel.Warning, "The mail server's TLS certificate or handshake is not valid.")]
    public static partial void MailTlsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(304, LogLevel.Error, "An attempt at the delivery {DeliveryId} failed unexpectedly.")]
    public static partial void AttemptFailed(this ILogger logger, Exception exception, string deliveryId);

    [LoggerMessage(305, LogLevel.Error, "The server failed to process the delivery schedule. It tries again.")]
    public static partial void ScheduleUnreadable(this ILogger logger, Exception exception);
}
