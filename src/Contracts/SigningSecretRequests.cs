namespace TaskGrpc.V1;

public partial class CreateSigningSecretRequest : IMutation;

public partial class ExpireSigningSecretRequest : IMutation;
