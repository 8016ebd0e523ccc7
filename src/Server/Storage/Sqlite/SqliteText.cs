using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>A question in SQLite's words. Its LIKE ignores case, so it is not among them.</summary>
internal sealed class SqliteText(string organizationId) : SqlText(organizationId)
{
    /// <summary>The planner may prefer to walk all of an organization's rows; the concatenation keeps it from that.</summary>
    public const string Owner = "organization_id || ''";

    protected override string FoundOwner => Owner;

    public override string StartsWith(string text, string part) => $"substr({text}, 1, length({part})) = {part}";

    public override string EndsWith(string text, string part) => $"substr({text}, -length({part})) = {part}";

    public override string Contains(string text, string part) => $"instr({text}, {part}) > 0";

    public override string JsonText(string json, string path) =>
        $"CASE {JsonType(json, path)} WHEN 'text' THEN json_extract({json}, {path}) END";

    // Cast, because SQLite compares an integer with a double exactly, and the text of a double beyond 2^53 is another integer than its
    // value.
    public override string JsonNumber(string json, string path) =>
        $"CASE WHEN {JsonType(json, path)} IN ('integer', 'real') THEN CAST(json_extract({json}, {path}) AS REAL) END";

    public override string JsonFlag(string json, string path) =>
        $"CASE {JsonType(json, path)} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END";

    public override string JsonType(string json, string path) => $"json_type({json}, {path})";
}
