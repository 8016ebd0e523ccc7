namespace TaskGrpc.Load.Measuring;

/// <summary>One of the subjects that a comparison measures in turns.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="MeasureAsync">Runs it for the given time.</param>
internal sealed record Alternative(string Name, Func<TimeSpan, Task<Sample>> MeasureAsync);
