using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>The filters' search functions, in PostgreSQL's SQL.</summary>
internal static class PostgresSearch
{
    private static readonly RelationalTypeMapping Flag = new BooleanMapping();
    private static readonly RelationalTypeMapping Whole = new IntTypeMapping("integer");
    private static readonly RelationalTypeMapping Number = new DoubleTypeMapping("double precision");
    private static readonly RelationalTypeMapping Text = new StringTypeMapping("text", System.Data.DbType.String);
    private static readonly RelationalTypeMapping Json = new StringTypeMapping("jsonb", System.Data.DbType.String);
    private static readonly RelationalTypeMapping Path = new StringTypeMapping("jsonpath", System.Data.DbType.String);

    public static void AddTo(SqlFunctions functions)
    {
        functions.Add(typeof(TextSearch), nameof(TextSearch.StartsWith), args =>
            Call("starts_with", typeof(bool), Flag, args[0], args[1]));
        functions.Add(typeof(TextSearch), nameof(TextSearch.EndsWith), args =>
            Compare(ExpressionType.Equal, Call("right", typeof(string), Text, args[0], Call("length", typeof(int), Whole, args[1])), args[1]));
        functions.Add(typeof(TextSearch), nameof(TextSearch.Contains), args =>
            Compare(ExpressionType.GreaterThan, Call("strpos", typeof(int), Whole, args[0], args[1]), new SqlConstantExpression(0, Whole)));

        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Text), args => OfType(args, "string", Unquoted(args)));
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Number), args => OfType(args, "number", Cast(Unquoted(args), typeof(double), Number)));
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.Flag), args => OfType(args, "boolean", Cast(Unquoted(args), typeof(bool), Flag)));
        functions.Add(typeof(JsonLookup), nameof(JsonLookup.IsPresent), args =>
            Compare(ExpressionType.NotEqual, Call("coalesce", typeof(string), Text, TypeOf(args), Constant("null")), Constant("null")));
    }

    /// <summary>The value if it has this JSON type, else NULL.</summary>
    private static CaseExpression OfType(IReadOnlyList<SqlExpression> args, string type, SqlExpression value) =>
        new([new CaseWhenClause(Compare(ExpressionType.Equal, TypeOf(args), Constant(type)), value)]);

    private static SqlFunctionExpression TypeOf(IReadOnlyList<SqlExpression> args) => Call("jsonb_typeof", typeof(string), Text, Found(args));

    /// <summary>The value as text, without JSON's quotes.</summary>
    private static SqlFunctionExpression Unquoted(IReadOnlyList<SqlExpression> args) =>
        Call("jsonb_extract_path_text", typeof(string), Text, Call("jsonb_build_array", typeof(string), Json, Found(args)), Constant("0"));

    /// <summary>The value at the path, or NULL. A lax path would look into arrays, which a filter in memory does not.</summary>
    private static SqlFunctionExpression Found(IReadOnlyList<SqlExpression> args)
    {
        var strict = Call("concat", typeof(string), Text, Constant("strict "), args[1]);
        return Call("jsonb_path_query_first", typeof(string), Json, args[0], Cast(strict, typeof(string), Path), new SqlConstantExpression("{}", Json), new SqlConstantExpression(true, Flag));
    }

    private static SqlUnaryExpression Cast(SqlExpression value, Type type, RelationalTypeMapping mapping) => new(ExpressionType.Convert, value, type, mapping);

    private static SqlFunctionExpression Call(string name, Type type, RelationalTypeMapping mapping, params SqlExpression[] arguments) =>
        new(name, arguments, nullable: true, arguments.Select(_ => false), type, mapping);

    private static SqlBinaryExpression Compare(ExpressionType comparison, SqlExpression left, SqlExpression right) => new(comparison, left, right, typeof(bool), Flag);

    private static SqlConstantExpression Constant(string value) => new(value, Text);

    /// <summary>EF's own mapping writes 1 and 0, which PostgreSQL does not accept as boolean.</summary>
    private sealed class BooleanMapping : BoolTypeMapping
    {
        public BooleanMapping()
            : base("boolean")
        {
        }

        private BooleanMapping(RelationalTypeMappingParameters parameters)
            : base(parameters)
        {
        }

        protected override BooleanMapping Clone(RelationalTypeMappingParameters parameters) => new(parameters);

        protected override string GenerateNonNullSqlLiteral(object value) => (bool)value ? "TRUE" : "FALSE";
    }
}
