using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>A table. Columns are named here by the properties of the row.</summary>
/// <param name="row">The row, whose properties are the columns.</param>
/// <param name="name">The table's name.</param>
/// <param name="key">What tells the rows of an organization apart.</param>
internal sealed class Table(Type row, string name, params string[] key)
{
    /// <summary>The property of the key that a caller gives to a resource.</summary>
    public const string ExternalKey = nameof(AgentTaskRow.ExternalKey);

    private readonly Column[] _columns =
        [.. row.GetProperties().Where(property => property.CanWrite).Select((property, place) => new Column(property, place))];
    private TableForm? _sqlite;
    private TableForm? _postgres;

    public Type Row { get; } = row;

    /// <summary>The columns that any database has of it.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    public string Name { get; } = name;

    public bool IsResource { get; } = row.IsSubclassOf(typeof(ResourceRow));

    /// <summary>Whether its resources may have keys of their callers' own.</summary>
    public bool IsKeyed { get; } = row.GetProperty(ExternalKey) is not null;

    /// <summary>The column of the organization.</summary>
    public string Organization { get; init; } = nameof(ResourceRow.OrganizationId);

    /// <summary>The order of commits, which SQLite gives to each row as its key; null for none. PostgreSQL has no such column.</summary>
    public string? Sequence { get; init; }

    /// <summary>Columns that only a database with several replicas has.</summary>
    public IReadOnlyList<string> ForReplicas { get; init; } = [];

    /// <summary>What no update changes.</summary>
    public IReadOnlyList<string> SetOnce { get; init; } = [];

    /// <summary>The column of JSON text, which PostgreSQL stores as jsonb; null for none.</summary>
    public string? Json { get; init; }

    /// <summary>A column's place in the values of a row.</summary>
    public int PlaceOf(string column) => _columns.Single(candidate => candidate.Name == column).Place;

    /// <summary>
    /// The table in SQLite. Its key does not begin with the organization: ids grow with time, so that new rows go to the end.
    /// </summary>
    public TableForm Sqlite => _sqlite ??= new(
        this, Sequence is { } sequence ? [sequence] : key, [.. _columns.Where(column => !ForReplicas.Contains(column.Property))]);

    /// <summary>The table in PostgreSQL: the organization leads each key, so that the tables can be distributed by it.</summary>
    public TableForm Postgres => _postgres ??= new(
        this, key.Contains(Organization) ? key : [Organization, .. key], [.. _columns.Where(column => column.Property != Sequence)]);
}
