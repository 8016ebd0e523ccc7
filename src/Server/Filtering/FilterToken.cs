namespace TaskGrpc.Server.Filtering;

/// <summary>The tokens of the filter language.</summary>
internal enum FilterToken
{
    Word,
    Quoted,
    Dot,
    Minus,
    Open,
    Close,
    And,
    Or,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Has,
}
