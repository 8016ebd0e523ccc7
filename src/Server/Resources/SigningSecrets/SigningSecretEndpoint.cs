using Grpc.Core;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.SigningSecrets;

/// <summary>The calls of SigningSecretService.</summary>
internal sealed class SigningSecretEndpoint(SigningSecretVerbs verbs, CommitLanes lanes, TaskStore store) : SigningSecretService.SigningSecretServiceBase
{
    private const int MostListed = 100;

    public override async Task<SigningSecret> CreateSigningSecret(CreateSigningSecretRequest request, ServerCallContext context) =>
        await ShownAsync(await CommitAsync(request, context, verbs.Create), context);

    public override async Task<ListSigningSecretsResponse> ListSigningSecrets(ListSigningSecretsRequest request, ServerCallContext context)
    {
        var organizationId = context.Caller().OrganizationId;
        using var rented = await store.RentAsync(organizationId, context.CancellationToken);
        return new ListSigningSecretsResponse { SigningSecrets = { rented.Reader.Statements<SigningSecretStatements>().List(organizationId, MostListed).Select(SigningSecretVerbs.ToMessage) } };
    }

    public override Task<SigningSecret> ExpireSigningSecret(ExpireSigningSecretRequest request, ServerCallContext context) =>
        CommitAsync(request, context, unit => SigningSecretVerbs.Expire(unit, request.Id));

    private async Task<SigningSecret> ShownAsync(SigningSecret created, ServerCallContext context)
    {
        using var rented = await store.RentAsync(created.OrganizationId, context.CancellationToken);
        return verbs.Shown(created, rented.Reader.Statements<SigningSecretStatements>().Find(created.OrganizationId, Guid.Parse(created.Id))!);
    }

    private Task<SigningSecret> CommitAsync(IMutation request, ServerCallContext context, Func<UnitOfWork, SigningSecret> run)
    {
        RequestCheck.Of(request).ThrowIfAny();
        return lanes.CommitAsync(new LedgerCommand<SigningSecret>(context.Caller(), request, dryRun: false, run, context.CancellationToken));
    }
}
