namespace TaskGrpc.V1;

public partial class ListChangesRequest : IPageRequest;
