using System.Globalization;
using System.Text;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>The text of docs/configuration.md.</summary>
internal static class ConfigurationPage
{
    private const string Head =
        """
        # Configuration

        Every setting of the server. The page is made from the options types in `src/Server/**/*Options.cs`; a test fails when it is stale.
        [Operations](operations.md) says when to change what.

        ## How to set a value

        The server reads its settings from these places. A later one overrides an earlier one:

        1. `appsettings.json` beside the program,
        2. `appsettings.Production.json` beside it, or the file of another environment (`DOTNET_ENVIRONMENT`),
        3. user secrets, in the environment `Development` only,
        4. variables of the environment: write `__` for each `:` of the key, as in `Storage__DataDirectory=/srv/tasks`,
        5. arguments, as in `--Storage:DataDirectory=/srv/tasks`. Other users of the machine can read them, so give no password there.

        The items of a list have numbers: `Delivery:AllowedNetworks:0`, `Delivery:AllowedNetworks:1`. The rows of a table have numbers too:
        `Identity:Certificates:0:Actor`. The command `copy` takes the target's settings with `To:` before the key.

        The server reads its settings at the start: restart it after a change. It does not start with a value out of range, or with an
        unknown key in one of its own sections. The message names the key.

        | type | how to write it |
        |---|---|
        | text | as it is |
        | number | `4096`, without separators |
        | bytes | a number of bytes: `4194304` is 4 MiB |
        | duration | `[days.]hours:minutes:seconds[.fraction]`: `00:00:30`, `00:00:00.1`, `90.00:00:00` |
        | flag | `true` or `false` |

        """;

    private const string SectionHead =
        """
        | key | type | default | range | what it does |
        |---|---|---|---|---|

        """;

    private const string FrameworkHead =
        """

        ## Settings of the framework

        ASP.NET Core and the database drivers read these. The links lead to the full lists of their settings.

        | key | default | what it does | more |
        |---|---|---|---|

        """;

    private const string VariablesHead =
        """

        ## Variables of the environment

        These are not settings with a section and a key: set them as environment variables.

        | variable | what it does | more |
        |---|---|---|

        """;

    private const string DevelopersHead =
        """

        Variables for developers of TaskGrpc. Release builds do not read them:

        | variable | what it does |
        |---|---|

        """;

    public static string Text()
    {
        var page = new StringBuilder(Head);
        foreach (var (section, options) in Setting.Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section}\n\n{IntroductionOf(section, options)}\n\n").Append(SectionHead)
                .AppendJoin("", Setting.Of(section, options).Select(Row));
        }

        return page
            .Append(FrameworkHead)
            .AppendJoin("", FrameworkSettings.Keys.Select(row => $"| `{row.Key}` | {row.Default} | {row.What} | {row.More} |\n"))
            .Append(VariablesHead)
            .AppendJoin("", FrameworkSettings.Variables.Select(row => $"| `{row.Name}` | {row.What} | {row.More} |\n"))
            .Append(DevelopersHead)
            .AppendJoin("", FrameworkSettings.DeveloperVariables.Select(row => $"| `{row.Name}` | {row.What} |\n"))
            .ToString();
    }

    /// <summary>The type's summary without the section's name, which is there for readers of the code.</summary>
    private static string? IntroductionOf(string section, Type options) =>
        DocComments.Of(options)?.Replace($"; the configuration section `{section}`", "", StringComparison.Ordinal);

    private static string Row(Setting setting)
    {
        var comment = SettingComment.Of(setting);
        var (value, range) = (DefaultOf(setting, comment), RangeOf(setting, comment));
        return $"| `{setting.Key}` | {TypeOf(setting)} | {value} | {range} | {comment?.What} |\n";
    }

    private static string TypeOf(Setting setting) => setting switch
    {
        { Item: { } item } => item == typeof(string) ? "list of texts" : "table",
        { IsBytes: true } => "bytes",
        _ when setting.Type == typeof(TimeSpan) => "duration",
        _ when setting.Type == typeof(bool) => "flag",
        _ when setting.Type == typeof(int) || setting.Type == typeof(long) => "number",
        _ => "text",
    };

    private static string? DefaultOf(Setting setting, SettingComment? comment)
    {
        if (setting.IsOpen)
        {
            return setting.IsRequired ? "required" : comment?.Default;
        }

        var value = $"`{SettingText.AsSet(setting.Default!)}`";
        return setting.IsBytes || setting.Type == typeof(TimeSpan) ? $"{value} ({comment?.Default})" : value;
    }

    private static string? RangeOf(Setting setting, SettingComment? comment) =>
        setting.Allowed.Count > 0 ? string.Join(", ", setting.Allowed.Select(value => $"`{value}`")) : comment?.Range;
}
