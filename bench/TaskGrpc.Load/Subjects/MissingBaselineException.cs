namespace TaskGrpc.Load.Subjects;

/// <summary>This machine lacks a program to compare with.</summary>
internal sealed class MissingBaselineException(string program, string package)
    : Exception($"{program} is not on this machine, and without it there is nothing to compare with. On Debian: apt-get install "
        + $"{package}");
