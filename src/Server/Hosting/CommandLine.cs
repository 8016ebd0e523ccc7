using System.Reflection;

namespace TaskGrpc.Server.Hosting;

/// <summary>What the arguments ask for. The framework ignores an argument that it cannot read; here it is refused.</summary>
internal static class CommandLine
{
    private static readonly string[] Commands = ["backup", "copy", "migrate", "restore"];
    private static readonly string[] HelpWords = ["help", "--help", "-h"];
    private static readonly string[] VersionWords = ["version", "--version"];

    private const string Help =
        """
        Usage: TaskGrpc.Server [COMMAND] [--SECTION:SETTING=VALUE …]

        Without a command it serves. The commands are
          backup FILE    copy the SQLite database, beside a running server, to a file that does not exist yet
          restore FILE   put a backup in place of the SQLite database; the server must be stopped
          copy           copy the database into another, empty one that the same settings below 'To' name:
                         copy --To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=…'
          migrate        bring the schema up to date, and make the database if there is none
          help, --help, -h
          version, --version

        Settings come from appsettings.json beside the program, from environment variables (Storage__DataDirectory=/srv/tasks) or from
        arguments (--Storage:DataDirectory=/srv/tasks).
        Exit codes: 0 done or shut down, 1 refused or failed, 2 unknown command or argument.
        """;

    public static bool IsCommand(string word) => Commands.Contains(word);

    /// <summary>The text that the arguments ask for; null if they ask for work. An option may stand anywhere: no work is done beside it.</summary>
    public static string? Answer(string[] args) => Asks(args, HelpWords) ? Help : Asks(args, VersionWords) ? Version() : null;

    /// <summary>Reads the arguments as the framework does, which takes '--key=value', '--key value', '/key=value' and 'key=value'.</summary>
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

            var isKey = argument.StartsWith("--", StringComparison.Ordinal) || (argument.StartsWith('/') && argument.Contains(':', StringComparison.Ordinal));
            if (isKey && i + 1 < args.Length)
            {
                // The next argument is the value.
                i++;
            }
            else
            {
                throw new UsageException(Unknown(argument));
            }
        }
    }

    /// <summary>What follows a command before the first option.</summary>
    public static string[] Operands(string[] rest) => [.. rest.TakeWhile(argument => !argument.StartsWith('-'))];

    private static bool Asks(string[] args, string[] words) => args.Where((argument, i) => i == 0 || argument.StartsWith('-')).Any(words.Contains);

    private static bool IsShort(string argument) => argument.StartsWith('-') && !argument.StartsWith("--", StringComparison.Ordinal);

    private static string Unknown(string argument)
    {
        if (NearestName.Of(argument, [.. Commands, .. HelpWords, .. VersionWords]) is { } near && near != argument)
        {
            return $"There is no '{argument}'. Did you mean '{near}'? --help lists the commands.";
        }

        return argument.StartsWith("--", StringComparison.Ordinal)
            ? $"'{argument}' has no value. Write {argument}=VALUE. --help lists the commands."
            : $"There is no '{argument}'. The commands are {string.Join(", ", Commands)}; "
                + "a setting is written --SECTION:SETTING=VALUE. --help says more.";
    }

    private static string Version() =>
        "TaskGrpc " + typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
