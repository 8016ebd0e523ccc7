using Superpower.Model;

namespace TaskGrpc.Server.Filtering;

/// <summary>Finds parts of SQL and other languages in a refused filter, so that the refusal says what to write instead.</summary>
internal static class ForeignSyntax
{
    private const string Pattern = "a star at either end of a text stands for any text, like title = \"Refund*\"";
    private const string Comparators = "comparators are = != < <= > >= and :";
    private const string OneValue = "a comparison has one value; write (status = QUEUED OR status = FAILED)";

    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["IN"] = OneValue,
        ["ANY"] = OneValue,
        ["LIKE"] = Pattern,
        ["ILIKE"] = Pattern,
        ["RLIKE"] = Pattern,
        ["REGEXP"] = Pattern,
        ["MATCHES"] = Pattern,
        ["CONTAINS"] = Pattern,
        ["~"] = Pattern,
        ["BETWEEN"] = "write priority >= 1 AND priority <= 3",
        ["IS"] = "`field:*` finds what is present, `NOT field:*` what is absent",
        ["EQ"] = Comparators,
        ["NE"] = Comparators,
        ["GT"] = Comparators,
        ["GE"] = Comparators,
        ["LT"] = Comparators,
        ["LE"] = Comparators,
        ["EQUALS"] = Comparators,
        ["AND"] = "write AND in capitals",
        ["OR"] = "write OR in capitals",
        ["NOT"] = "write NOT in capitals",
        ["&&"] = "write AND",
        ["&"] = "write AND",
        ["||"] = "write OR",
        ["|"] = "write OR",
    };

    /// <summary>The first foreign part and the advice on it; null if there is none.</summary>
    public static (int Index, string Advice)? In(TokenList<FilterToken> list)
    {
        Token<FilterToken>[] tokens = [.. list];
        for (var i = 1; i < tokens.Length; i++)
        {
            var token = tokens[i];
            if (Advice(tokens[i - 1], token, i + 1 < tokens.Length ? tokens[i + 1] : null) is { } advice)
            {
                return (token.Span.Position.Absolute,
                    $"{InvalidFilter.Quote(token.ToStringValue())} is not part of the filter language: {advice}");
            }
        }

        return null;
    }

    private static string? Advice(Token<FilterToken> before, Token<FilterToken> token, Token<FilterToken>? next)
    {
        var isAfterOperand = before.Kind is FilterToken.Word or FilterToken.Quoted or FilterToken.Close;
        return (before.Kind, token.Kind) switch
        {
            (_, FilterToken.Word) when isAfterOperand => Instead(token),
            // As in `title =~ "…"`.
            (FilterToken.Equal, FilterToken.Word) when token.ToStringValue() == "~" => Pattern,
            // As in `status NOT IN (…)`.
            (_, FilterToken.Not) when isAfterOperand && next is { Kind: FilterToken.Word } word => Instead(word),
            ( >= FilterToken.Equal, FilterToken.Open) => OneValue,
            (FilterToken.Equal, FilterToken.Equal) => "write = once",
            (FilterToken.Less, FilterToken.Greater) => "write !=",
            ( >= FilterToken.Equal, >= FilterToken.Equal) => Comparators,
            _ => null,
        };
    }

    private static string? Instead(Token<FilterToken> word) => Words.GetValueOrDefault(word.ToStringValue());
}
