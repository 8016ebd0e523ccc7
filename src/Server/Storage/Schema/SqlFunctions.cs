using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>
/// What methods of ours are in a database's SQL. Told to EF beside its model, because a compiled model (Sqlite/Model) knows no such
/// translations.
/// </summary>
internal sealed class SqlFunctions : IDbContextOptionsExtension
{
    private readonly Dictionary<MethodInfo, Func<IReadOnlyList<SqlExpression>, SqlExpression>> _translations = [];

    public DbContextOptionsExtensionInfo Info => new ExtensionInfo(this);

    /// <summary>Adds a method.</summary>
    /// <param name="type">Where the method is declared.</param>
    /// <param name="method">Its name, which no other method of the type has.</param>
    /// <param name="translate">Makes the SQL of its arguments'.</param>
    public void Add(Type type, string method, Func<IReadOnlyList<SqlExpression>, SqlExpression> translate) => _translations.Add(type.GetMethod(method)!, translate);

    public void ApplyServices(IServiceCollection services)
    {
        services.AddSingleton(this);
        new EntityFrameworkRelationalServicesBuilder(services).TryAdd<IMethodCallTranslatorPlugin, Translator>();
    }

    public void Validate(IDbContextOptions options)
    {
        // There is nothing to choose.
    }

    private sealed class Translator(ISqlExpressionFactory expressions, SqlFunctions functions) : IMethodCallTranslatorPlugin, IMethodCallTranslator
    {
        public IEnumerable<IMethodCallTranslator> Translators => [this];

        public SqlExpression? Translate(SqlExpression? instance, MethodInfo method, IReadOnlyList<SqlExpression> arguments, IDiagnosticsLogger<DbLoggerCategory.Query> logger) =>
            functions._translations.TryGetValue(method, out var translate) ? translate([.. arguments.Select(argument => expressions.ApplyDefaultTypeMapping(argument))]) : null;
    }

    /// <summary>Contexts with the same functions share EF's services, and with them the queries that it has translated.</summary>
    private sealed class ExtensionInfo(SqlFunctions functions) : DbContextOptionsExtensionInfo(functions)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "";

        public override int GetServiceProviderHashCode() => RuntimeHelpers.GetHashCode(Extension);

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other.Extension == Extension;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo)
        {
            // There is nothing to choose.
        }
    }
}
