using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>An address that a gRPC channel can use as it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ServerAddressAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value switch
    {
        Uri { IsAbsoluteUri: false } relative => Wrong($"'{relative}' is not absolute"),
        Uri address when address.Scheme is not ("http" or "https") => Wrong($"'{address}' is neither http nor https"),
        Uri { UserInfo.Length: > 0 } => Wrong("it has a user, which gRPC would not send"),
        Uri { PathAndQuery: not "/" } or Uri { Fragment.Length: > 0 } => Wrong($"'{value}' has a path, which gRPC would not send"),
        _ => ValidationResult.Success,
    };

    private static ValidationResult Wrong(string why) =>
        new($"Address cannot be used: {why}. Give scheme, host and port, for example http://127.0.0.1:5080.");
}
