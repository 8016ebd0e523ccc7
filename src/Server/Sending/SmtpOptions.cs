using System.ComponentModel.DataAnnotations;
using MailKit.Security;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Sending;

/// <summary>The mail server that takes alerts; the configuration section <c>Smtp</c>.</summary>
internal sealed class SmtpOptions
{
    public const string Section = "Smtp";

    /// <summary>The server's name. Default: none; e-mail waits until there is one.</summary>
    public string Host { get; set; } = "";

    /// <summary>The server's port. Default: 587.</summary>
    [SettingRange("Smtp:Port", 1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>How the connection is secured: StartTls (the default), SslOnConnect, or None for a server on this machine.</summary>
    [AllowedValues(SecureSocketOptions.StartTls, SecureSocketOptions.SslOnConnect, SecureSocketOptions.None, ErrorMessage = "Smtp:Security must be 'StartTls', 'SslOnConnect' or 'None'.")]
    public SecureSocketOptions Security { get; set; } = SecureSocketOptions.StartTls;

    /// <summary>The name to log in with. Default: none, no log-in.</summary>
    public string UserName { get; set; } = "";

    /// <summary>The password that belongs to it.</summary>
    public string Password { get; set; } = "";

    /// <summary>The address that alerts come from; its domain ends their Message-IDs. Default: taskgrpc@localhost.</summary>
    [SenderAddress]
    public string From { get; set; } = "taskgrpc@localhost";

    /// <summary>Whether the server's certificate is asked for at its issuer's list of revoked ones. Default: true.</summary>
    public bool CheckCertificateRevocation { get; set; } = true;
}
