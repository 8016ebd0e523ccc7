namespace TaskGrpc.Server.Resources;

/// <summary>The calls of one service, each with what handles it.</summary>
internal interface ICalls
{
    void AddTo(CallHandlers handlers);
}
