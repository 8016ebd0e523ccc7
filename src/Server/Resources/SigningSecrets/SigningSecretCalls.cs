using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.SigningSecrets;

internal sealed class SigningSecretCalls(SigningSecretVerbs verbs, CommitLanes lanes, TaskStore store) : ICalls
{
    private const int MostListed = 100;

    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateSigningSecretRequest, SigningSecret>(async (request, call) =>
            await ShownAsync(await CommitAsync(request, call, verbs.Create), call))
        .Add<ListSigningSecretsRequest, ListSigningSecretsResponse>((_, call) => ListAsync(call))
        .Add<ExpireSigningSecretRequest, SigningSecret>((request, call) =>
            CommitAsync(request, call, unit => SigningSecretVerbs.Expire(unit, request.Id)));

    private async Task<ListSigningSecretsResponse> ListAsync(Call call)
    {
        var organizationId = call.Caller.OrganizationId;
        using var rented = await store.RentAsync(organizationId, call.Ended);
        var secrets = rented.Reader.Statements<SigningSecretStatements>().List(organizationId, MostListed);
        return new ListSigningSecretsResponse { SigningSecrets = { secrets.Select(SigningSecretVerbs.ToMessage) } };
    }

    private async Task<SigningSecret> ShownAsync(SigningSecret created, Call call)
    {
        using var rented = await store.RentAsync(created.OrganizationId, call.Ended);
        var stored = rented.Reader.Statements<SigningSecretStatements>().Find(created.OrganizationId, Guid.Parse(created.Id))!;
        return verbs.Shown(created, stored);
    }

    private Task<SigningSecret> CommitAsync(IMutation request, Call call, Func<UnitOfWork, SigningSecret> run)
    {
        RequestCheck.Of(request).ThrowIfAny();
        return lanes.CommitAsync(new LedgerCommand<SigningSecret>(call.Caller, request, dryRun: false, run, call.Ended));
    }
}
