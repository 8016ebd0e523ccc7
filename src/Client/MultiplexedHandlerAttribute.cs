using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Client;

/// <summary>A handler that opens another connection when one has no stream left, so that no watch waits for one.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MultiplexedHandlerAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not null && validationContext.ObjectInstance is TaskGrpcClientOptions { ConfigureHandler: not null })
        {
            return new ValidationResult("HttpHandler and ConfigureHandler are both set. "
                + "ConfigureHandler sets up the client's own handler: use one of the two.");
        }

        var handler = value;
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }

        return handler is SocketsHttpHandler { EnableMultipleHttp2Connections: false }
            ? new ValidationResult("HttpHandler is a SocketsHttpHandler without EnableMultipleHttp2Connections: calls and watches beyond "
                + "the server's streams per connection would wait without an error. Set it to true, or use ConfigureHandler.")
            : ValidationResult.Success;
    }
}
