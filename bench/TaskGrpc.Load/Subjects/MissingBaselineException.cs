namespace TaskGrpc.Load.Subjects;

/// <summary>A program to compare with is not on this machine.</summary>
internal sealed class MissingBaselineException(string program, string package)
    : Exception($"{program} is not on this machine, and without it there is nothing to compare with. On Debian: apt-get install {package}");
