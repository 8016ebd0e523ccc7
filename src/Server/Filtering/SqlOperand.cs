namespace TaskGrpc.Server.Filtering;

/// <summary>
/// The left side of a comparison in SQL. Its tests are true or false and never NULL, so that they stay right under any NOT: an absent
/// value equals nothing and is neither less nor more.
/// </summary>
internal readonly record struct SqlOperand
{
    private readonly Func<string, string> _isTrue;

    private SqlOperand(string text, string isPresent, Func<string, string> isTrue) =>
        (Text, IsPresent, _isTrue) = (text, isPresent, isTrue);

    public string Text { get; }

    /// <summary>Tests whether there is a value.</summary>
    public string IsPresent { get; }

    /// <summary>A column that always has a value.</summary>
    public static SqlOperand Column(string name) => new(name, "TRUE", static test => test);

    /// <summary>
    /// A column that may be NULL. The test for it stands beside the comparison, so that an index still serves the comparison.
    /// </summary>
    public static SqlOperand OptionalColumn(string name) => new(name, $"{name} IS NOT NULL", test => $"({name} IS NOT NULL AND {test})");

    /// <summary>A value that is worked out, once.</summary>
    public static SqlOperand Computed(string expression) =>
        new(expression, $"{expression} IS NOT NULL", static test => $"coalesce({test}, FALSE)");

    /// <summary>Tests the value by a comparison that is NULL for NULL.</summary>
    public string Holds(string comparison) => _isTrue(comparison);
}
