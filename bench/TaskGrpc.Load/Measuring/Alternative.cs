namespace TaskGrpc.Load.Measuring;

/// <summary>One of the things that take turns.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="MeasureAsync">Runs it for a while.</param>
internal sealed record Alternative(string Name, Func<TimeSpan, Task<Sample>> MeasureAsync);
