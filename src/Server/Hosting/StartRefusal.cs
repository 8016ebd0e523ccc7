using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>What an operator has to mend before the program can do its work. The message alone says what; a stack would hide it.</summary>
internal static class StartRefusal
{
    public static bool Is(Exception exception) => exception
        is RefusedToStartException
        or OptionsValidationException
        // A setting that cannot be read as what it is to be.
        or InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" }
        or IOException { InnerException: AddressInUseException };
}
