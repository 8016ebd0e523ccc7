using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using Superpower.Tokenizers;

namespace TaskGrpc.Server.Filtering;

/// <summary>Cuts a filter's text into tokens.</summary>
internal static class FilterTokens
{
    private const char Escape = '\\';

    private static readonly Tokenizer<FilterToken> Tokenizer = new TokenizerBuilder<FilterToken>()
        .Ignore(Span.WhiteSpace)
        .Match(Character.EqualTo('('), FilterToken.Open)
        .Match(Character.EqualTo(')'), FilterToken.Close)
        .Match(Character.EqualTo('.'), FilterToken.Dot)
        .Match(Character.EqualTo('-'), FilterToken.Minus)
        .Match(Character.EqualTo(':'), FilterToken.Has)
        .Match(Span.EqualTo("!="), FilterToken.NotEqual)
        .Match(Span.EqualTo("<="), FilterToken.LessOrEqual)
        .Match(Span.EqualTo(">="), FilterToken.GreaterOrEqual)
        .Match(Character.EqualTo('='), FilterToken.Equal)
        .Match(Character.EqualTo('<'), FilterToken.Less)
        .Match(Character.EqualTo('>'), FilterToken.Greater)
        .Match(Quoted, FilterToken.Quoted)
        .Match(Keyword("AND"), FilterToken.And)
        .Match(Keyword("OR"), FilterToken.Or)
        .Match(Keyword("NOT"), FilterToken.Not)
        .Match(Span.WithAll(IsWord), FilterToken.Word)
        .Build();

    public static Result<TokenList<FilterToken>> Cut(string text) => Tokenizer.TryTokenize(text);

    /// <summary>The text between the quotes, with its escapes resolved, and whether a star at either end is a wildcard.</summary>
    public static FilterLiteral Literal(Token<FilterToken> token)
    {
        var position = token.Span.Position.Absolute;
        var raw = token.ToStringValue();
        if (token.Kind != FilterToken.Quoted)
        {
            return new FilterLiteral(raw, IsQuoted: false, raw.StartsWith('*'), raw.EndsWith('*'), position);
        }

        var text = new System.Text.StringBuilder(raw.Length);
        var endsOpen = false;
        for (var i = 1; i < raw.Length - 1; i++)
        {
            endsOpen = raw[i] == '*';
            text.Append(raw[i] == Escape ? raw[++i] : raw[i]);
        }

        return new FilterLiteral(text.ToString(), IsQuoted: true, raw[1] == '*', endsOpen, position);
    }

    private static bool IsWord(char c) => !char.IsWhiteSpace(c) && !"().:!=<>\"'\\,".Contains(c, StringComparison.Ordinal);

    /// <summary>A keyword of the language. A longer word that only begins with these letters is not a keyword.</summary>
    private static TextParser<TextSpan> Keyword(string word) => input =>
    {
        var result = Span.EqualTo(word)(input);
        return result.HasValue && !result.Remainder.IsAtEnd && IsWord(result.Remainder.ConsumeChar().Value)
            ? Result.Empty<TextSpan>(input, [word])
            : result;
    };

    private static Result<TextSpan> Quoted(TextSpan input)
    {
        var next = input.ConsumeChar();
        if (!next.HasValue || next.Value is not ('"' or '\''))
        {
            return Result.Empty<TextSpan>(input);
        }

        var quote = next.Value;
        while (true)
        {
            next = next.Remainder.ConsumeChar();
            if (!next.HasValue)
            {
                return Result.Empty<TextSpan>(input);
            }

            if (next.Value == quote)
            {
                return Result.Value(input.Until(next.Remainder), input, next.Remainder);
            }

            if (next.Value == Escape)
            {
                next = next.Remainder.ConsumeChar();
                if (!next.HasValue || next.Value is not ('"' or '\'' or '\\' or '*'))
                {
                    return Result.Empty<TextSpan>(input);
                }
            }
        }
    }
}
