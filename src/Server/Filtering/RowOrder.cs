using System.Reflection;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// The order of rows by a moment and then by id, as one comparison. For two comparisons with an OR, the database reads all rows of the
/// same moment, and a batch makes many of those.
/// </summary>
internal static class RowOrder
{
    /// <summary><see cref="IsBefore"/> for an expression.</summary>
    public static MethodInfo Before { get; } = typeof(RowOrder).GetMethod(nameof(IsBefore))!;

    /// <summary><see cref="IsAfter"/> for an expression.</summary>
    public static MethodInfo After { get; } = typeof(RowOrder).GetMethod(nameof(IsAfter))!;

    public static bool IsBefore(DateTimeOffset moment, Guid id, DateTimeOffset otherMoment, Guid otherId) => (moment, id).CompareTo((otherMoment, otherId)) < 0;

    public static bool IsAfter(DateTimeOffset moment, Guid id, DateTimeOffset otherMoment, Guid otherId) => (moment, id).CompareTo((otherMoment, otherId)) > 0;
}
