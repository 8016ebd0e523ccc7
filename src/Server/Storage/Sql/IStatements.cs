namespace TaskGrpc.Server.Storage.Sql;

/// <summary>
/// A kind's own prepared statements on one connection. They are made when they are first asked for and live as long as the connection.
/// </summary>
internal interface IStatements<TSelf> : IDisposable
    where TSelf : class, IStatements<TSelf>
{
    static abstract TSelf Prepare(StoreConnection db);
}
