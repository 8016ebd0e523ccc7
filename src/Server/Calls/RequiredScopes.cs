using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Calls;

/// <summary>The scope that each call asks for, as its proto says.</summary>
internal sealed class RequiredScopes
{
    private readonly FrozenDictionary<string, string> _scopes;

    /// <exception cref="RefusedToStartException">A call has none: it would be open to everybody.</exception>
    public RequiredScopes(IEnumerable<ServiceDescriptor> services) =>
        _scopes = services.SelectMany(service => service.Methods).ToFrozenDictionary(method => $"/{method.Service.FullName}/{method.Name}", Of);

    /// <summary>The scope that a call asks for; null for those that need no identity, which are health and reflection.</summary>
    public string? Of(string method) =>
        _scopes.TryGetValue(method, out var scope) ? scope
        : method.StartsWith("/grpc.health.v1.", StringComparison.Ordinal) || method.StartsWith("/grpc.reflection.", StringComparison.Ordinal) ? null
        : throw new InvalidOperationException($"{method} is served, but not by the contract.");

    private static string Of(MethodDescriptor method) =>
        method.GetOptions()?.GetExtension(OptionsExtensions.RequiredScope) is { Length: > 0 } scope ? scope
            : throw new RefusedToStartException($"{method.FullName} names no scope. Give it the option taskgrpc.v1.required_scope.");
}
