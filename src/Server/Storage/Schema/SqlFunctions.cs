using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>
/// Translates methods of ours into a database's SQL. EF receives the translations as an extension, because a compiled model
/// (Sqlite/Model) cannot hold them.
/// </summary>
internal sealed class SqlFunctions : IDbContextOptionsExtension
{
    private readonly Dictionary<MethodInfo, Func<IReadOnlyList<SqlExpression>, SqlExpression>> _translations = [];

    public DbContextOptionsExtensionInfo Info => new ExtensionInfo(this);

    /// <param name="type">The type that declares the method.</param>
    /// <param name="method">The method's name; the type must not overload it.</param>
    /// <param name="translate">Makes the method's SQL from the SQL of its arguments.</param>
    public void Add(Type type, string method, Func<IReadOnlyList<SqlExpression>, SqlExpression> translate) => _translations.Add(type.GetMethod(method)!, translate);

    public void ApplyServices(IServiceCollection services)
    {
        services.AddSingleton(this);
        new EntityFrameworkRelationalServicesBuilder(services).TryAdd<IMethodCallTranslatorPlugin, Translator>();
    }

    public void Validate(IDbContextOptions options)
    {
        // There are no options to validate.
    }

    private sealed class Translator(ISqlExpressionFactory expressions, SqlFunctions functions) : IMethodCallTranslatorPlugin, IMethodCallTranslator
    {
        public IEnumerable<IMethodCallTranslator> Translators => [this];

        public SqlExpression? Translate(SqlExpression? instance, MethodInfo method, IReadOnlyList<SqlExpression> arguments, IDiagnosticsLogger<DbLoggerCategory.Query> logger) =>
            functions._translations.TryGetValue(method, out var translate) ? translate([.. arguments.Select(argument => expressions.ApplyDefaultTypeMapping(argument))]) : null;
    }

    /// <summary>Contexts with the same functions share EF's services, and so its cache of translated queries.</summary>
    private sealed class ExtensionInfo(SqlFunctions functions) : DbContextOptionsExtensionInfo(functions)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "";

        public override int GetServiceProviderHashCode() => RuntimeHelpers.GetHashCode(Extension);

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other.Extension == Extension;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo)
        {
            // There are no options to show.
        }
    }
}
