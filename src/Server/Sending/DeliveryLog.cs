namespace TaskGrpc.Server.Sending;

/// <summary>What the sender room tells the operator. Never a payload, never an address.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(301, LogLevel.Error, "The signing secrets for the delivery {DeliveryId} cannot be decrypted. Bring back the data protection keys with which they were stored, or expire them and create new ones.")]
    public static partial void SecretUnreadable(this ILogger logger, Exception exception, string deliveryId);

    [LoggerMessage(302, LogLevel.Warning, "The mail server refused the log-in ({Refusal}). Check Smtp:UserName and Smtp:Password.")]
    public static partial void MailLogInRefused(this ILogger logger, string refusal);

    [LoggerMessage(303, LogLevel.Warning, "The mail server's TLS certificate or handshake was not acceptable.")]
    public static partial void MailTlsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(304, LogLevel.Error, "An attempt at the delivery {DeliveryId} failed unexpectedly.")]
    public static partial void AttemptFailed(this ILogger logger, Exception exception, string deliveryId);

    [LoggerMessage(305, LogLevel.Error, "The schedule of deliveries could not be worked off; it is tried again.")]
    public static partial void ScheduleUnreadable(this ILogger logger, Exception exception);
}
