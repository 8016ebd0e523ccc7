using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>A token travels over https, or not beyond this machine.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenTransportAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null && validationContext.ObjectInstance is TaskGrpcClientOptions { Address: { } address } && IsOpenToOthers(address)
            ? new ValidationResult($"AccessToken is set, but {address} is neither https nor a loopback address: "
                + "the token could be read by others on the network. Use an https address.")
            : ValidationResult.Success;

    private static bool IsOpenToOthers(Uri address) => address is { IsAbsoluteUri: true, Scheme: "http", IsLoopback: false };
}
