namespace TaskGrpc.Server.Hosting;

internal static class ExitCodes
{
    /// <summary>The command is done, or the server was shut down.</summary>
    public const int Done = 0;

    /// <summary>The server does not start, the command failed, or the store failed.</summary>
    public const int Failed = 1;

    /// <summary>An argument is an unknown command or setting.</summary>
    public const int Usage = 2;
}
