namespace TaskGrpc.Load.Subjects;

/// <summary>This machine lacks a program to compare with.</summary>
/// <param name="program">The program.</param>
/// <param name="package">The Debian packages that bring it.</param>
/// <param name="said">What an installer said about it; empty for nothing.</param>
internal sealed class MissingBaselineException(string program, string package, string said = "")
    : Exception($"{program} is not on this machine, and without it there is nothing to compare with. On Debian: apt-get install "
        + $"{package}{(said.Length == 0 ? "" : $"\n{said}")}");
