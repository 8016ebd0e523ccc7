namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A kind's own prepared statements on one connection, prepared on first use and disposed of with it.</summary>
internal interface IStatements<TSelf>
    where TSelf : class, IStatements<TSelf>
{
    static abstract TSelf Prepare(StoreConnection db);
}
