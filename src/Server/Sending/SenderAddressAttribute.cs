using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>The address that alerts come from, refused at the start: with one that the library cannot read, every mail would fail.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SenderAddressAttribute()
    : ValidationAttribute("Smtp:From must be one e-mail address without a name, like alerts@example.com, its domain a name that DNS can have.")
{
    public override bool IsValid(object? value) => value is string text && EmailAddress.Flaw(text) is null;
}
