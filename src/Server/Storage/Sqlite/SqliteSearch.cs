using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The filters' search functions, in SQLite's SQL. LIKE is not used, because it ignores case.</summary>
internal static class SqliteSearch
{
    private static readonly RelationalTypeMapping Flag = new BoolTypeMapping("INTEGER");
    private static readonly RelationalTypeMapping Whole = new IntTypeMapping("INTEGER");
    private static readonly RelationalTypeMapping Number = new DoubleTypeMapping("REAL");
    private static readonly RelationalTypeMapping Text = new StringTypeMapping("TEXT", System.Data.DbType.String);

    public static void AddTo(SqlFunctions functions)
    {
        functions.Add(typeof(TextSearch), nameof(TextSearch.StartsWith), args =>
            IsEqual(Call("substr", typeof(string), Text, args[0], Constant(1), Length(args[1])), args[1]));
        functions.Add(typeof(TextSearch), nameof(TextSearch.EndsWith), args =>
            IsEqual(Call("substr", typeof(string), Text, args[0], new SqlUnaryExpression(ExpressionType.Negate, Length(args[1]), typeof(int), Whole)), args[1]));
        functions.Add(typeof(TextSearch), nameof(TextSearch.Contains), args =>
            Compare(ExpressionType.GreaterThan, Call("instr", typeof(int), Whole, args[0], args[1]), Constant(0)));

        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Text), args =>
            OfType(args, Call("json_extract", typeof(string), Text, args[0], args[1]), "text"));
        // Cast, because SQLite compares an integer with a double exactly, and beyond 2^53 a double's text is not its exact value.
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Number), args =>
            OfType(args, Cast(Call("json_extract", typeof(double), Number, args[0], args[1])), "integer", "real"));
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Flag), args =>
            OfType(args, Call("json_extract", typeof(bool), Flag, args[0], args[1]), "true", "false"));
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.IsPresent), args =>
            Compare(ExpressionType.NotEqual, Call("coalesce", typeof(string), Text, TypeOf(args), Constant("null")), Constant("null")));
    }

    /// <summary>The value if it is of one of these JSON types, else NULL.</summary>
    private static CaseExpression OfType(IReadOnlyList<SqlExpression> args, SqlExpression value, params string[] types) =>
        new([.. types.Select(type => new CaseWhenClause(IsEqual(TypeOf(args), Constant(type)), value))]);

    private static SqlFunctionExpression TypeOf(IReadOnlyList<SqlExpression> args) => Call("json_type", typeof(string), Text, args[0], args[1]);

    private static SqlFunctionExpression Length(SqlExpression text) => Call("length", typeof(int), Whole, text);

    private static SqlFunctionExpression Call(string name, Type type, RelationalTypeMapping mapping, params SqlExpression[] arguments) =>
        new(name, arguments, nullable: true, arguments.Select(_ => false), type, mapping);

    private static SqlUnaryExpression Cast(SqlExpression number) => new(ExpressionType.Convert, number, typeof(double), Number);

    private static SqlBinaryExpression IsEqual(SqlExpression left, SqlExpression right) => Compare(ExpressionType.Equal, left, right);

    private static SqlBinaryExpression Compare(ExpressionType comparison, SqlExpression left, SqlExpression right) => new(comparison, left, right, typeof(bool), Flag);

    private static SqlConstantExpression Constant(int value) => new(value, Whole);

    private static SqlConstantExpression Constant(string value) => new(value, Text);
}
