namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>A lifecycle as a table of rows (from, to, verb). Tests walk it, and docs/lifecycles.md is generated from it.</summary>
internal sealed class StateMachine<TStatus>(TStatus initial, params StateMachine<TStatus>.Row[] rows)
    where TStatus : struct, Enum
{
    private readonly Dictionary<(TStatus From, string Verb), TStatus[]> _targets = rows
        .SelectMany(row => row.From, (row, from) => (from, row.Verb, row.To))
        .GroupBy(row => (row.from, row.Verb))
        .ToDictionary(group => group.Key, group => group.SelectMany(row => row.To).Distinct().ToArray());

    public TStatus Initial { get; } = initial;

    public IReadOnlyList<Row> Rows { get; } = rows;

    /// <summary>The statuses to which the verb leads from here, in the table's order.</summary>
    public IReadOnlyList<TStatus> Targets(TStatus from, string verb) => _targets.GetValueOrDefault((from, verb)) ?? [];

    internal sealed record Row(TStatus[] From, TStatus[] To, string Verb);
}
