using System.ComponentModel.DataAnnotations;
using MailKit.Security;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Sending;

/// <summary>The mail server that takes alerts; the configuration section <c>Smtp</c>.</summary>
internal sealed class SmtpOptions
{
    public const string Section = "Smtp";

    /// <summary>The mail server's host name or address. Default: none; mails wait until one is set.</summary>
    public string Host { get; set; } = "";

    /// <summary>The mail server's port. Default: 587; range 1 to 65,535.</summary>
    [SettingRange("Smtp:Port", 1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>
    /// How the connection is secured: <c>StartTls</c>, <c>SslOnConnect</c>, or <c>None</c> for a mail server on this machine. Default:
    /// StartTls.
    /// </summary>
    [AllowedValues(SecureSocketOptions.StartTls, SecureSocketOptions.SslOnConnect, SecureSocketOptions.None,
        ErrorMessage = "Smtp:Security must be 'StartTls', 'SslOnConnect' or 'None'.")]
    public SecureSocketOptions Security { get; set; } = SecureSocketOptions.StartTls;

    /// <summary>The user name for the log-in. Default: none; the server does not log in.</summary>
    public string UserName { get; set; } = "";

    /// <summary>The password for the log-in. Default: none.</summary>
    public string Password { get; set; } = "";

    /// <summary>
    /// The sender's address. The server checks it at the start. Its domain is part of each Message-ID. Default: taskgrpc@localhost.
    /// </summary>
    [SenderAddress]
    public string From { get; set; } = "taskgrpc@localhost";

    /// <summary>Whether the server checks if the mail server's certificate was revoked. Default: true.</summary>
    public bool CheckCertificateRevocation { get; set; } = true;
}
