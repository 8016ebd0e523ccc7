using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>The rules that the attributes of the client's options state, written out by the compiler: nothing looks for them at run time, so trimming keeps them.</summary>
[OptionsValidator]
internal sealed partial class TaskGrpcClientOptionsValidator : IValidateOptions<TaskGrpcClientOptions>;

/// <summary>The same for the options of a watch.</summary>
[OptionsValidator]
internal sealed partial class TaskGrpcWatchOptionsValidator : IValidateOptions<TaskGrpcWatchOptions>;

/// <summary>Checks options that were not given through dependency injection.</summary>
internal static class OptionsRules
{
    /// <exception cref="ValidationException">A rule is broken; the message has all that are.</exception>
    public static void Check<T>(IValidateOptions<T> rules, T options)
        where T : class
    {
        if (rules.Validate(null, options) is { Failed: true } result)
        {
            throw new ValidationException(result.FailureMessage);
        }
    }
}

/// <summary>A time from a least one to <see cref="Longest"/>, or <see cref="Timeout.InfiniteTimeSpan"/> unless it must be finite. Null is no matter of this rule.</summary>
/// <param name="leastMilliseconds">The least time.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(int leastMilliseconds) : ValidationAttribute
{
    /// <summary>What a timer holds, in whole days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public int LeastMilliseconds => leastMilliseconds;

    public bool IsFinite { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not TimeSpan time || (time == Timeout.InfiniteTimeSpan && !IsFinite) || (time >= TimeSpan.FromMilliseconds(leastMilliseconds) && time <= Longest))
        {
            return ValidationResult.Success;
        }

        var infinite = IsFinite ? "" : ", or Timeout.InfiniteTimeSpan for no limit";
        return new ValidationResult($"{validationContext.DisplayName} is {time}. It must be between {leastMilliseconds} ms and {Longest.Days} days{infinite}.");
    }
}

/// <summary>An address that a gRPC channel can use as it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ServerAddressAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value switch
    {
        Uri { IsAbsoluteUri: false } relative => Wrong($"'{relative}' is not absolute"),
        Uri address when address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps => Wrong($"'{address}' is neither http nor https"),
        Uri { UserInfo.Length: > 0 } => Wrong("it has a user, which gRPC would not send"),
        Uri { PathAndQuery: not "/" } or Uri { Fragment.Length: > 0 } => Wrong($"'{value}' has a path, which gRPC would not send"),
        _ => ValidationResult.Success,
    };

    private static ValidationResult Wrong(string why) => new($"Address cannot be used: {why}. Give scheme, host and port, for example http://127.0.0.1:5080.");
}

/// <summary>A token travels over https, or not beyond this machine.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenTransportAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null && validationContext.ObjectInstance is TaskGrpcClientOptions { Address: { IsAbsoluteUri: true, IsLoopback: false } address } && address.Scheme == Uri.UriSchemeHttp
            ? new ValidationResult($"AccessToken is set, but {address} is neither https nor a loopback address: the token could be read by others on the network. Use an https address.")
            : ValidationResult.Success;
}

/// <summary>A handler on which more watches than one connection carries do not hang.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MultiplexedHandlerAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not null && validationContext.ObjectInstance is TaskGrpcClientOptions { ConfigureHandler: not null })
        {
            return new ValidationResult("HttpHandler and ConfigureHandler are both set. ConfigureHandler sets up the client's own handler: use one of the two.");
        }

        var handler = value;
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }

        return handler is SocketsHttpHandler { EnableMultipleHttp2Connections: false }
            ? new ValidationResult("HttpHandler is a SocketsHttpHandler without EnableMultipleHttp2Connections: calls and watches beyond the server's streams per connection would wait without a word. Set it to true, or use ConfigureHandler.")
            : ValidationResult.Success;
    }
}
