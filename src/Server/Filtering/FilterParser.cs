using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>
/// Parses the filter language of AIP-160, without what the contract leaves out: bare words, functions, implicit AND. As in AIP-160, OR
/// binds tighter than AND: `a AND b OR c` is `a AND (b OR c)`.
/// </summary>
internal static class FilterParser
{
    /// <summary>How deep parentheses may nest.</summary>
    public const int MostDepth = 16;

    /// <summary>How many comparisons a filter may have.</summary>
    public const int MostTerms = 64;

    private static readonly TokenListParser<FilterToken, string> Segment =
        Token.Matching<FilterToken>(kind => kind is FilterToken.Word or FilterToken.Quoted, "a field")
            .Select(token => FilterTokens.Literal(token).Text);

    private static readonly TokenListParser<FilterToken, FilterLiteral> Literal =
        Token.EqualTo(FilterToken.Quoted).Select(FilterTokens.Literal).Or(
            from minus in Token.EqualTo(FilterToken.Minus).OptionalOrDefault()
            from words in Token.EqualTo(FilterToken.Word).AtLeastOnceDelimitedBy(Token.EqualTo(FilterToken.Dot))
            select Bare(minus, words)).Named("a value");

    private static readonly TokenListParser<FilterToken, FilterNode> Restriction =
        from start in Token.Matching<FilterToken>(kind => kind is FilterToken.Word or FilterToken.Quoted, "a field")
        from below in Token.EqualTo(FilterToken.Dot).IgnoreThen(Segment).Many()
        from comparator in Token.Matching<FilterToken>(kind => kind >= FilterToken.Equal, "one of = != < <= > >= :")
        from literal in Literal
        select (FilterNode)new FilterNode.Restriction(
            [FilterTokens.Literal(start).Text, .. below], comparator.Kind, literal, start.Span.Position.Absolute);

    private static readonly TokenListParser<FilterToken, FilterNode> Simple =
        Superpower.Parse.Ref(() => Expression!).Between(Token.EqualTo(FilterToken.Open), Token.EqualTo(FilterToken.Close)).Or(Restriction);

    private static readonly TokenListParser<FilterToken, FilterNode> Term =
        Token.Matching<FilterToken>(kind => kind is FilterToken.Not or FilterToken.Minus, "NOT").IgnoreThen(Simple)
            .Select(part => (FilterNode)new FilterNode.Not(part)).Or(Simple);

    private static readonly TokenListParser<FilterToken, FilterNode> Factor =
        Term.AtLeastOnceDelimitedBy(Token.EqualTo(FilterToken.Or))
            .Select(parts => parts.Length == 1 ? parts[0] : new FilterNode.Any(parts));

    private static readonly TokenListParser<FilterToken, FilterNode> Expression =
        Factor.AtLeastOnceDelimitedBy(Token.EqualTo(FilterToken.And))
            .Select(parts => parts.Length == 1 ? parts[0] : new FilterNode.All(parts));

    /// <exception cref="Fault">INVALID_FILTER, with the position in the text.</exception>
    public static FilterNode Parse(string text)
    {
        var cut = FilterTokens.Cut(text);
        if (!cut.HasValue)
        {
            var index = cut.ErrorPosition.HasValue ? cut.ErrorPosition.Absolute : text.Length;
            throw Refused(text, FilterTokens.Cut(text[..index]), index, Stray(index < text.Length ? text[index] : ' '));
        }

        RequireBounds(text, cut.Value);
        var parsed = Expression.AtEnd().TryParse(cut.Value);
        return parsed.HasValue ? parsed.Value : throw Refused(text, cut, PositionOf(parsed, text), Advice(parsed));
    }

    /// <summary>Refuses the text at an index, or at an earlier part that belongs to another language.</summary>
    private static Fault Refused(string text, Result<TokenList<FilterToken>> cut, int index, string advice) =>
        cut.HasValue && ForeignSyntax.In(cut.Value) is { } foreign && foreign.Index <= index
            ? InvalidFilter.At(text, foreign.Index, foreign.Advice)
            : InvalidFilter.At(text, index, advice);

    /// <summary>Checked before parsing, because the parser recurses once for each level.</summary>
    private static void RequireBounds(string text, TokenList<FilterToken> tokens)
    {
        var (depth, terms) = (0, 0);
        foreach (var token in tokens)
        {
            depth += token.Kind switch { FilterToken.Open => 1, FilterToken.Close => -1, _ => 0 };
            terms += token.Kind >= FilterToken.Equal ? 1 : 0;
            if (depth > MostDepth || terms > MostTerms)
            {
                throw InvalidFilter.At(text, token.Span.Position.Absolute,
                    depth > MostDepth ? $"parentheses nest at most {MostDepth} deep" : $"a filter has at most {MostTerms} comparisons");
            }
        }
    }

    private static FilterLiteral Bare(Token<FilterToken> minus, Token<FilterToken>[] words)
    {
        var first = minus.Kind == FilterToken.Minus ? minus : words[0];
        var text = (minus.Kind == FilterToken.Minus ? "-" : "") + string.Join('.', words.Select(word => word.ToStringValue()));
        return new FilterLiteral(text, IsQuoted: false, text.StartsWith('*'), text.EndsWith('*'), first.Span.Position.Absolute);
    }

    private static int PositionOf(TokenListParserResult<FilterToken, FilterNode> result, string text) =>
        result.ErrorPosition.HasValue ? result.ErrorPosition.Absolute : text.Length;

    private static string Advice(TokenListParserResult<FilterToken, FilterNode> result)
    {
        var expected = result.Expectations is { Length: > 0 } names ? string.Join(" or ", names.Distinct().Select(Name)) : "the end";
        var found = result.Remainder.IsAtEnd ? "the end" : InvalidFilter.Quote(result.Remainder.ConsumeToken().Value.ToStringValue());
        return $"expected {expected}, found {found}; write `field = value`, and join comparisons by AND or OR in capitals";
    }

    private static string Stray(char c) => c switch
    {
        '"' or '\'' => "this text has no closing quote, or a backslash before a character that is not a quote, a backslash or a star",
        '!' => "'!' alone has no meaning; write != or NOT",
        ',' => "there are no lists; join comparisons by AND and OR",
        _ => "this is not part of the filter language",
    };

    private static string Name(string expectation) => expectation switch
    {
        "open" => "'('",
        "close" => "')'",
        "and" => "AND",
        "or" => "OR",
        "dot" => "'.'",
        "minus" => "'-'",
        _ => expectation,
    };
}
