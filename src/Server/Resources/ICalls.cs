namespace TaskGrpc.Server.Resources;

/// <summary>The calls of one service with their handlers.</summary>
internal interface ICalls
{
    void AddTo(CallHandlers handlers);
}
