using System.Linq.Expressions;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A field that order_by may name, with the column that holds it.</summary>
internal sealed record SortField<TRow>(string Name, LambdaExpression Column)
    where TRow : ResourceRow
{
    public static SortField<TRow> Of<TValue>(string name, Expression<Func<TRow, TValue>> column) => new(name, column);
}
