using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace TaskGrpc.Client;

/// <summary>
/// Reads the options from a section of the configuration. Every key is named here, so nothing looks for properties at run time, which
/// trimming could remove, and a misspelt key is an error.
/// </summary>
internal static class ConfiguredOptions
{
    private delegate bool Parser<T>(string text, out T value);

    /// <exception cref="InvalidOperationException">A key is unknown, or its value has the wrong form.</exception>
    public static void Apply(IConfiguration section, TaskGrpcClientOptions options)
    {
        foreach (var setting in section.GetChildren())
        {
            switch (setting.Key.ToUpperInvariant())
            {
                case "ADDRESS":
                    options.Address = Read<Uri?>(setting, AsUri, "a URI such as https://tasks.example");
                    break;
                case "METADATA":
                    AddMetadata(setting, options.Metadata);
                    break;
                case "CALLTIMEOUT":
                    options.CallTimeout = Read<TimeSpan>(setting, AsTime, "a time such as 00:00:30");
                    break;
                case "MAXATTEMPTS":
                    options.MaxAttempts = Read<int>(setting, AsNumber, "a whole number");
                    break;
                case "INITIALBACKOFF":
                    options.InitialBackoff = Read<TimeSpan>(setting, AsTime, "a time such as 00:00:00.1");
                    break;
                case "MAXBACKOFF":
                    options.MaxBackoff = Read<TimeSpan>(setting, AsTime, "a time such as 00:00:05");
                    break;
                case "MAXUPDATEATTEMPTS":
                    options.MaxUpdateAttempts = Read<int>(setting, AsNumber, "a whole number");
                    break;
                case "MAXRECEIVEMESSAGESIZE":
                    options.MaxReceiveMessageSize = Read<int>(setting, AsNumber, "a whole number of bytes");
                    break;
                default:
                    throw new InvalidOperationException(
                        $"{setting.Path} is not an option that configuration can set. Remove it, or use one of Address, Metadata, "
                            + "CallTimeout, "
                        + "MaxAttempts, InitialBackoff, MaxBackoff, MaxUpdateAttempts, MaxReceiveMessageSize. Set the others in code.");
            }
        }
    }

    private static T Read<T>(IConfigurationSection setting, Parser<T> parse, string form) =>
        setting.Value is { } text && parse(text, out var value)
            ? value
            : throw new InvalidOperationException($"{setting.Path} is '{setting.Value}'. Set it to {form}.");

    private static void AddMetadata(IConfigurationSection setting, Metadata metadata)
    {
        foreach (var entry in setting.GetChildren())
        {
            try
            {
                metadata.Add(entry.Key, entry.Value ?? "");
            }
            catch (ArgumentException exception)
            {
                // Without the value, which may be a secret.
                throw new InvalidOperationException(
                    $"{entry.Path} cannot be metadata. Use a key of letters, digits, '-', '_' and '.' that does not end in '-bin'.",
                    exception);
            }
        }
    }

    private static bool AsUri(string text, out Uri? value) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out value);

    private static bool AsTime(string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);

    private static bool AsNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);
}
