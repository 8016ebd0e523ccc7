using System.Diagnostics;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Tells the operator why the program ends. Unless the exception is known to be a bug, the operator can mend the cause: one line names
/// it, because a stack trace would hide it.
/// </summary>
internal static class StartRefusal
{
    /// <summary>Parts of the framework that read the operator's settings: any exception that they throw concerns a setting.</summary>
    private static readonly string[] ReadSettings =
    [
        "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.FileProviders",
        "Microsoft.Extensions.Logging", "Microsoft.AspNetCore.Authentication", "Microsoft.IdentityModel", "Microsoft.Data.Sqlite",
        "Npgsql",
    ];

    /// <summary>One line; for a bug, the whole exception.</summary>
    /// <param name="failure">The exception that ended the program.</param>
    /// <param name="configuration">The settings; null if they could not be read.</param>
    public static string Describe(Exception failure, IConfiguration? configuration = null) => IsMistake(failure)
        ? $"this is a bug in the program. Report it with the text below.{Environment.NewLine}{failure}"
        : OneLine(failure, configuration);

    /// <summary>Whether only a bug throws this type of exception, and no part that reads settings threw it.</summary>
    private static bool IsMistake(Exception failure) => failure switch
    {
        AggregateException several => several.InnerExceptions.Any(IsMistake),
        RefusedToStartException => false,
        ArgumentException or InvalidOperationException or NullReferenceException or InvalidCastException or IndexOutOfRangeException
            or KeyNotFoundException or NotImplementedException or NotSupportedException or TypeLoadException or TypeInitializationException
            or MissingMemberException or RowMismatchException or UnreachableException => ReaderOfSettings(failure) is null,
        _ => false,
    };

    /// <summary>The part of the framework that threw it while reading a setting; null if our code threw it.</summary>
    private static string? ReaderOfSettings(Exception failure)
    {
        foreach (var frame in new StackTrace(failure).GetFrames())
        {
            var assembly = frame.GetMethod()?.DeclaringType?.Assembly;
            if (assembly == typeof(StartRefusal).Assembly)
            {
                return null;
            }

            var name = assembly?.GetName().Name ?? "";
            if (ReadSettings.FirstOrDefault(part => name.StartsWith(part, StringComparison.Ordinal)) is { } reader)
            {
                return reader;
            }
        }

        return null;
    }

    private static string OneLine(Exception failure, IConfiguration? configuration)
    {
        var text = failure switch
        {
            AggregateException several => string.Join(' ', several.InnerExceptions.Select(one => OneLine(one, configuration))),
            RefusedToStartException => failure.Message,
            _ => WithCause(failure),
        };
        if (failure is not RefusedToStartException && ReaderOfSettings(failure) == ReadSettings[0])
        {
            text = $"It cannot open its endpoints ({Endpoints(configuration)}): {text}";
        }

        return string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>The configured endpoints, because Kestrel rarely names the one that failed.</summary>
    private static string Endpoints(IConfiguration? configuration) => string.Join(
        ", ",
        from endpoint in configuration?.GetSection("Kestrel:Endpoints").GetChildren() ?? []
        from setting in new[] { endpoint.GetSection("Url"), endpoint.GetSection("Certificate:Path") }
        where setting.Value is not null
        select $"{setting.Path}={setting.Value}");

    /// <summary>Both messages: the outer one often names the action, the innermost one the cause.</summary>
    private static string WithCause(Exception failure)
    {
        var cause = failure.GetBaseException().Message;
        return failure.Message.Contains(cause, StringComparison.OrdinalIgnoreCase) ? failure.Message : $"{failure.Message} {cause}";
    }
}
