using System.Reflection;

namespace TaskGrpc.Server.Hosting;

/// <summary>Reads the arguments. The framework ignores an argument that it cannot parse; this refuses it.</summary>
internal static class CommandLine
{
    private static readonly string[] Commands = ["backup", "copy", "migrate", "restore"];
    private static readonly string[] HelpWords = ["help", "--help", "-h"];
    private static readonly string[] VersionWords = ["version", "--version"];

    private const string Help =
        """
        Usage: TaskGrpc.Server [COMMAND] [--SECTION:SETTING=VALUE …]

        Without a command, the server runs. The commands are
          backup FILE    copy the SQLite database to a new file; the server may be running
          restore FILE   replace the SQLite database by a backup; the server must be stopped
          copy           copy the database into an empty one; put 'To:' before the settings of the target:
                         copy --To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=…'
          migrate        update the schema; create the database if there is none
          help, --help, -h
          version, --version

        Settings come from appsettings.json beside the program, from environment variables (Storage__DataDirectory=/srv/tasks) or from
        arguments (--Storage:DataDirectory=/srv/tasks).
        Exit codes: 0 done or shut down, 1 the start or the command failed, 2 unknown command or argument.
        """;

    public static bool IsCommand(string word) => Commands.Contains(word);

    /// <summary>The help or version text, if an argument requests it, even after a command; null if none does.</summary>
    public static string? Answer(string[] args) => Asks(args, HelpWords) ? Help : Asks(args, VersionWords) ? Version() : null;

    /// <summary>Checks the arguments by the framework's syntax: '--key=value', '--key value', '/key=value' and 'key=value'.</summary>
    /// <exception cref="UsageException">An argument is an unknown command, or an option without a value.</exception>
    public static void Check(string[] args)
    {
        var first = 0;
        if (args.Length > 0 && IsCommand(args[0]))
        {
            first = 1 + Operands(args[1..]).Length;
        }

        for (var i = first; i < args.Length; i++)
        {
            var argument = args[i];
            if (argument.Contains('=', StringComparison.Ordinal) && !IsShort(argument))
            {
                continue;
            }

            var isKey = argument.StartsWith("--", StringComparison.Ordinal)
                || (argument.StartsWith('/') && argument.Contains(':', StringComparison.Ordinal));
            if (isKey && i + 1 < args.Length)
            {
                i++;
            }
            else
            {
                throw new UsageException(Unknown(argument));
            }
        }
    }

    /// <summary>The arguments between a command and the first option.</summary>
    public static string[] Operands(string[] rest) => [.. rest.TakeWhile(argument => !argument.StartsWith('-'))];

    private static bool Asks(string[] args, string[] words) =>
        args.Where((argument, i) => i == 0 || argument.StartsWith('-')).Any(words.Contains);

    private static bool IsShort(string argument) => argument.StartsWith('-') && !argument.StartsWith("--", StringComparison.Ordinal);

    private static string Unknown(string argument)
    {
        if (NearestName.Of(argument, [.. Commands, .. HelpWords, .. VersionWords]) is { } near && near != argument)
        {
            return $"There is no command or setting '{argument}'. Did you mean '{near}'? --help lists the commands.";
        }

        return argument.StartsWith("--", StringComparison.Ordinal)
            ? $"'{argument}' has no value. Write {argument}=VALUE. --help lists the commands."
            : $"There is no command or setting '{argument}'. The commands are {string.Join(", ", Commands)}; "
                + "write a setting as --SECTION:SETTING=VALUE. --help has more.";
    }

    private static string Version() =>
        "TaskGrpc " + typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
