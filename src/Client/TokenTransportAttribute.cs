using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>The client sends a token over https or to this machine only.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenTransportAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null && validationContext.ObjectInstance is TaskGrpcClientOptions { Address: { } address } && IsOpenToOthers(address)
            ? new ValidationResult($"AccessToken is set, but {address} is neither https nor a loopback address: "
                + "others on the network could read the token. Use an https address.")
            : ValidationResult.Success;

    private static bool IsOpenToOthers(Uri address) => address is { IsAbsoluteUri: true, Scheme: "http", IsLoopback: false };
}
