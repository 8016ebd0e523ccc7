using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit.Filters;

/// <summary>Random agent tasks and random filters. They use few different values, so matches, ties and absent fields are common.</summary>
public static class FilterGen
{
    private static readonly string[] Texts =
        ["alpha", "alphabet", "Alpha", "beta", "b*", "it's", "a\"b\\", "%_", "zé", "\uFFFDx", "😀x", "x😀", "ab", " "];
    private static readonly string[] Keys = ["k", "k.with.dots", "a\"q", "ключ", "0", "back\\slash", "tab\there"];
    private static readonly double[] Numbers = [0, -1, 1, 2.5, 1e20, -0.125, 100];
    private static readonly string[] TextFields = ["title", "task_type", "entity_id", "assigned_agent_role", "workspace_id"];
    private static readonly string[] Comparisons = ["=", "!=", "<", "<=", ">", ">=", ":"];
    private static readonly long[] Moments = [0, 1_000_001, 1_000_000, 946_684_800_000_000, -62_135_596_799_000_000];

    /// <summary>Nested metadata with few keys and values.</summary>
    public static readonly Gen<Struct> Metadata =
        Gen.Select(Gen.OneOf(Keys), JsonValue(), Gen.OneOf(Keys), JsonValue()).Select((one, a, other, b) =>
    {
        var inner = new Struct { Fields = { [other] = b } };
        return new Struct { Fields = { [one] = a, ["nested"] = Value.ForStruct(inner) } };
    });

    /// <summary>A task to create.</summary>
    public static readonly Gen<AgentTask> Task = Gen.Select(
        Gen.Select(Text().Where(text => !string.IsNullOrWhiteSpace(text)), Text().Where(text => !string.IsNullOrWhiteSpace(text)), Text(),
            Text(), Text()),
        Gen.Select(Gen.Int[-2, 2], Gen.OneOf(Moments), Gen.Bool, Metadata),
        Gen.Int[0, 31]).Select((texts, values, set) =>
    {
        var task = new AgentTask
        {
            Title = texts.Item1,
            TaskType = texts.Item2,
            SourceType = SourceType.Event,
            Priority = values.Item1,
            WorkspaceVisible = values.Item3,
            WorkspaceId = texts.Item5
        };
        Set(set, 1, () => task.EntityId = texts.Item3);
        Set(set, 2, () => task.AssignedAgentRole = texts.Item4);
        Set(set, 4, () => task.DueAt = Moment(values.Item2));
        Set(set, 8, () => task.Metadata = values.Item4);
        Set(set, 16, () => task.ExecutionMode = ExecutionMode.Hybrid);
        return task;
    });

    /// <summary>A single comparison.</summary>
    public static readonly Gen<FilterModel> Term =
        Gen.OneOf(TextTerm(), WildcardTerm(), NumberTerm(), EnumTerm(), MomentTerm(), FlagTerm(), PresenceTerm(), MetadataTerm());

    /// <summary>A whole filter, a few levels deep.</summary>
    public static readonly Gen<FilterModel> Filter = Deep(2);

    public static Timestamp Moment(long microseconds)
    {
        var seconds = Math.DivRem(microseconds, 1_000_000, out var rest);
        return rest < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(rest + 1_000_000) * 1000 }
            : new Timestamp { Seconds = seconds, Nanos = (int)rest * 1000 };
    }

    private static Gen<FilterModel> Deep(int levels) => levels == 0 ? Term : Gen.OneOf(
        Term,
        Gen.Select(Deep(levels - 1), Deep(levels - 1)).Select(FilterModel.All),
        Gen.Select(Deep(levels - 1), Deep(levels - 1)).Select(FilterModel.Any),
        Gen.Select(Term, Term, Term).Select(FilterModel.Mixed),
        Deep(levels - 1).Select(FilterModel.Not),
        Deep(levels - 1).Select(FilterModel.Minus));

    private static Gen<FilterModel> TextTerm() =>
        Gen.Select(Gen.OneOf(TextFields), Gen.OneOf(Comparisons), Text()).Select((field, comparison, text) =>
        new FilterModel($"{field} {comparison} {Quote(text)}", task => PlainValue.Holds(comparison, PlainValue.Of(task, field), text)));

    private static Gen<FilterModel> WildcardTerm() =>
        Gen.Select(Gen.OneOf(TextFields), Gen.Bool, Gen.Int[0, 2], Gen.OneOf("a", "al", "a", "é", "😀", "", "*", "x"))
        .Select((field, isNot, form, part) =>
    {
        var literal = Escape(part);
        var text = form switch { 0 => $"\"{literal}*\"", 1 => $"\"*{literal}\"", _ => $"\"*{literal}*\"" };
        bool Fits(IMessage task) => PlainValue.Of(task, field) is string own && form switch
        {
            0 => own.StartsWith(part, StringComparison.Ordinal),
            1 => own.EndsWith(part, StringComparison.Ordinal),
            _ => own.Contains(part, StringComparison.Ordinal),
        };
        return new FilterModel($"{field} {(isNot ? "!=" : "=")} {text}", task => Fits(task) != isNot);
    });

    private static Gen<FilterModel> NumberTerm() => Gen.Select(Gen.OneOf(Comparisons), Gen.Int[-2, 2]).Select((comparison, number) =>
        new FilterModel(
            $"priority{comparison}{number}", task => PlainValue.Holds(comparison, PlainValue.Of(task, "priority"), (double)number)));

    private static Gen<FilterModel> EnumTerm() =>
        Gen.Select(Gen.OneOf("=", "!="), Gen.OneOf("QUEUED", "PLANNING", "BLOCKED"), Gen.OneOf("status", "blocked_from"), Gen.Bool)
        .Select((comparison, status, field, full) =>
        new FilterModel($"{field} {comparison} {(full ? "AGENT_TASK_STATUS_" : "")}{status}",
            task => PlainValue.Holds(comparison, PlainValue.Of(task, field), "AGENT_TASK_STATUS_" + status)));

    private static Gen<FilterModel> MomentTerm() =>
        Gen.Select(Gen.OneOf(Comparisons), Gen.OneOf(Moments), Gen.Bool).Select((comparison, moment, offset) =>
    {
        var time = Moment(moment).ToDateTimeOffset();
        var text = offset && moment > 0
            ? time.ToOffset(TimeSpan.FromHours(5.5))
                .ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", System.Globalization.CultureInfo.InvariantCulture)
            : time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);
        return new FilterModel(
            $"due_at {comparison} \"{text}\"", task => PlainValue.Holds(comparison, PlainValue.Of(task, "due_at"), moment));
    });

    private static Gen<FilterModel> FlagTerm() => Gen.Select(Gen.OneOf("=", "!="), Gen.Bool).Select((comparison, flag) =>
        new FilterModel($"workspace_visible {comparison} {(flag ? "true" : "false")}",
            task => PlainValue.Holds(comparison, PlainValue.Of(task, "workspace_visible"), flag)));

    private static Gen<FilterModel> PresenceTerm() => Gen.OneOf(
        Gen.OneOf("entity_id", "due_at", "blocked_from", "deleted_at", "title", "metadata").Select(field =>
            new FilterModel($"{field}:*", task => PlainValue.Of(task, field) is not null)),
        Gen.OneOf(Keys)
            .Select(key => new FilterModel($"metadata.{Quote(key)}:*", task => PlainValue.Of(task, "metadata", key) is not null)),
        Gen.OneOf(Keys)
            .Select(key => new FilterModel($"metadata:{Quote(key)}", task => PlainValue.Of(task, "metadata", key) is not null)));

    private static Gen<FilterModel> MetadataTerm() =>
        Gen.Select(Gen.OneOf(Keys), Gen.Bool, Gen.OneOf(Comparisons), Gen.Int[0, 2], Gen.Select(Text(), Gen.OneOf(Numbers), Gen.Bool))
        .Select((key, nested, comparison, form, values) =>
    {
        string[] path = nested ? ["metadata", "nested", key] : ["metadata", key];
        (string Literal, object Wanted)[] forms =
        [
            (Quote(values.Item1), values.Item1),
            (values.Item2.ToString("R", System.Globalization.CultureInfo.InvariantCulture), values.Item2),
            (values.Item3 ? "true" : "false", values.Item3),
        ];
        var (literal, wanted) = forms[form];
        var used = form == 2 && comparison is not ("=" or "!=") ? "=" : comparison;
        return new FilterModel($"{string.Join('.', path.Take(path.Length - 1))}.{Quote(key)} {used} {literal}",
            task => PlainValue.Holds(used, PlainValue.Of(task, path), wanted));
    });

    private static Gen<Value> JsonValue() => Gen.OneOf(
        Text().Select(Value.ForString),
        Gen.OneOf(Numbers).Select(Value.ForNumber),
        Gen.Bool.Select(Value.ForBool),
        Gen.Const(Value.ForNull()),
        Gen.Const(Value.ForList(Value.ForNumber(1))),
        Gen.Const(Value.ForStruct(new Struct())));

    private static Gen<string> Text() => Gen.OneOf(Texts);

    private static string Quote(string text) => $"\"{Escape(text)}\"";

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal);

    private static void Set(int set, int bit, Action action)
    {
        if ((set & bit) != 0)
        {
            action();
        }
    }
}
