using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>A question in PostgreSQL's words.</summary>
internal sealed class PostgresText(string organizationId) : SqlText(organizationId)
{
    /// <summary>The organization leads every key and index.</summary>
    public const string Owner = "organization_id";

    protected override string FoundOwner => Owner;

    public override string StartsWith(string text, string part) => $"starts_with({text}, {part})";

    public override string EndsWith(string text, string part) => $"right({text}, length({part})) = {part}";

    public override string Contains(string text, string part) => $"strpos({text}, {part}) > 0";

    // A text from JSON has the database's own collation; columns are ordered by bytes.
    public override string JsonText(string json, string path) =>
        $"(CASE {JsonType(json, path)} WHEN 'string' THEN {Unquoted(json, path)} END) COLLATE \"C\"";

    public override string JsonNumber(string json, string path) =>
        $"CASE {JsonType(json, path)} WHEN 'number' THEN {Unquoted(json, path)}::double precision END";

    public override string JsonFlag(string json, string path) =>
        $"CASE {JsonType(json, path)} WHEN 'boolean' THEN {Unquoted(json, path)}::boolean END";

    public override string JsonType(string json, string path) => $"jsonb_typeof({Found(json, path)})";

    /// <summary>The value as text, without the quotes that a JSON text has.</summary>
    private static string Unquoted(string json, string path) => $"({Found(json, path)} #>> '{{}}')";

    /// <summary>
    /// What the path leads to. Strict, because the lax way would look into arrays too, which a filter in memory does not; silent, so that
    /// a missing key is NULL.
    /// </summary>
    private static string Found(string json, string path) =>
        $"jsonb_path_query_first({json}, ('strict ' || {path})::jsonpath, '{{}}', TRUE)";
}
