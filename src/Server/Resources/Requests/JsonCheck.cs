using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Requests;

/// <summary>Checks free-form data for what JSON cannot say. Its depth is bounded by the protobuf parser, its size by the field's limit.</summary>
internal static class JsonCheck
{
    public static void Check(Struct json, string path, Violations violations)
    {
        foreach (var (key, value) in json.Fields)
        {
            var field = $"{path}.{key}";
            if (TextCheck.Flaw(key) is { } flaw)
            {
                violations.Add(path, $"has a key that {flaw}");
            }

            Check(value, field, violations);
        }
    }

    public static void Check(Value json, string path, Violations violations)
    {
        switch (json.KindCase)
        {
            case Value.KindOneofCase.None:
                violations.Add(path, "has no value; use null to say so");
                break;
            case Value.KindOneofCase.NumberValue when !double.IsFinite(json.NumberValue):
                violations.Add(path, "is not a finite number, which JSON cannot hold");
                break;
            case Value.KindOneofCase.StringValue when TextCheck.Flaw(json.StringValue) is { } flaw:
                violations.Add(path, flaw);
                break;
            case Value.KindOneofCase.StructValue:
                Check(json.StructValue, path, violations);
                break;
            case Value.KindOneofCase.ListValue:
                for (var i = 0; i < json.ListValue.Values.Count; i++)
                {
                    Check(json.ListValue.Values[i], $"{path}[{i}]", violations);
                }

                break;
        }
    }
}
