using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>Checks the sender's address at the start: with one that the library cannot parse, every mail would fail.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SenderAddressAttribute()
    : ValidationAttribute("Smtp:From must be one e-mail address without a name and with a valid DNS domain, like alerts@example.com.")
{
    public override bool IsValid(object? value) => value is string text && EmailAddress.Flaw(text) is null;
}
