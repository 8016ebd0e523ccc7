using System.Reflection;
using Google.Protobuf.Reflection;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>The full names of an enum's values, as the proto has them.</summary>
internal static class StatusNames<TStatus>
    where TStatus : struct, Enum
{
    private static readonly Dictionary<TStatus, string> Names = typeof(TStatus)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(field => (TStatus)field.GetValue(null)!, field => field.GetCustomAttribute<OriginalNameAttribute>()!.Name);

    public static string Of(TStatus status) => Names[status];
}
