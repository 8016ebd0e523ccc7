using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Checks that free-form data is valid JSON and not too deep for clients to read.</summary>
internal sealed class JsonCheck(string path, Violations violations, int mostLevels)
{
    /// <summary>
    /// Protobuf's parsers stop at 100 nested messages. A level of JSON takes up to three, and a watch nests the resource deeper than the
    /// request did: without this bound, one task could make every watch unreadable.
    /// </summary>
    public const int MostLevels = 30;

    private const string Item = "[]";

    // Joined only for a violation: a path for each value would cost the square of the data's size.
    private readonly List<string> _segments = [];
    private bool _isToldTooDeep;

    /// <param name="json">A Struct or a Value.</param>
    /// <param name="path">The field's path.</param>
    /// <param name="violations">Collects what is wrong.</param>
    /// <param name="mostLevels">The most levels.</param>
    public static void Check(IMessage json, string path, Violations violations, int mostLevels) =>
        new JsonCheck(path, violations, mostLevels).One(json as Value ?? Value.ForStruct((Struct)json));

    private void Fields(Struct json)
    {
        foreach (var (key, value) in json.Fields)
        {
            if (TextCheck.Flaw(key) is { } flaw)
            {
                Report($"has a key that {flaw}");
            }

            _segments.Add(key);
            One(value);
            _segments.RemoveAt(_segments.Count - 1);
        }
    }

    private void Items(ListValue json)
    {
        foreach (var value in json.Values)
        {
            _segments.Add(Item);
            One(value);
            _segments.RemoveAt(_segments.Count - 1);
        }
    }

    private void One(Value json)
    {
        switch (json.KindCase)
        {
            case Value.KindOneofCase.None:
                Report("has no value; send null instead");
                break;
            case Value.KindOneofCase.NumberValue when !double.IsFinite(json.NumberValue):
                Report("must be a finite number: JSON has no NaN and no infinity");
                break;
            case Value.KindOneofCase.StringValue when TextCheck.Flaw(json.StringValue) is { } flaw:
                Report(flaw);
                break;
            case Value.KindOneofCase.StructValue when !IsTooDeep():
                Fields(json.StructValue);
                break;
            case Value.KindOneofCase.ListValue when !IsTooDeep():
                Items(json.ListValue);
                break;
        }
    }

    private bool IsTooDeep()
    {
        var isTooDeep = _segments.Count >= mostLevels;
        if (isTooDeep && !_isToldTooDeep)
        {
            // Once: the violation names the field, not the branch.
            _isToldTooDeep = true;
            violations.Add(path, $"is nested deeper than {mostLevels} levels");
        }

        return isTooDeep;
    }

    private void Report(string flaw) => violations.Add(violations.IsFull ? "" : Path(), flaw);

    /// <summary>The path, cut to what a violation shows: keys may be as long as the data.</summary>
    private string Path()
    {
        var text = new StringBuilder(path);
        foreach (var segment in _segments.TakeWhile(_ => text.Length <= FieldViolation.LongestField))
        {
            text.Append(segment == Item ? "" : ".").Append(segment, 0, Math.Min(segment.Length, FieldViolation.LongestField + 1));
        }

        return text.ToString();
    }
}
