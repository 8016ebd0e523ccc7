using System.Globalization;
using System.Text;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>
/// Settings of a session, set by one statement after the connection is open. They are not in the startup message, because PgBouncer
/// refuses a connection with a startup setting that it does not track.
/// </summary>
internal sealed class SessionSettings
{
    private readonly Dictionary<string, string> _values;

    private SessionSettings(Dictionary<string, string> values) => _values = new(values, StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets a value; the last one counts.</summary>
    public SessionSettings With(string name, string value)
    {
        _values[name] = value;
        return this;
    }

    public SessionSettings With(string name, TimeSpan value) =>
        With(name, ((long)value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Reads the options of a connection string as PostgreSQL reads them: <c>-c name=value</c> or <c>--name=value</c>, a space within a
    /// value as <c>\ </c>.
    /// </summary>
    /// <param name="options">The text; null for none.</param>
    /// <exception cref="RefusedToStartException">The text has something else.</exception>
    public static SessionSettings Parse(string? options)
    {
        var settings = new SessionSettings([]);
        var words = new Queue<string>(Words(options ?? ""));
        while (words.TryDequeue(out var word))
        {
            var assignment = word == "-c" && words.TryDequeue(out var next) ? next
                : word.StartsWith("--", StringComparison.Ordinal) || word.StartsWith("-c", StringComparison.Ordinal) ? word[2..]
                : "";
            if (assignment.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                settings.With(assignment[..equals].Replace('-', '_'), assignment[(equals + 1)..]);
            }
            else
            {
                throw new RefusedToStartException(
                    "Options in ConnectionStrings:Tasks (or PGOPTIONS) must be session settings, each as '-c name=value'. "
                    + "Correct them, or leave them out.");
            }
        }

        return settings;
    }

    public SessionSettings Clone() => new(_values);

    /// <summary>Makes every connection of a data source begin with these settings.</summary>
    public void AddTo(NpgsqlDataSourceBuilder builder)
    {
        if (_values.Count > 0)
        {
            builder.UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var command = Command(connection);
                    command.ExecuteNonQuery();
                },
                async connection =>
                {
                    await using var command = Command(connection);
                    await command.ExecuteNonQueryAsync();
                });
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(
            $"SELECT {string.Join(", ", _values.Select((_, i) => $"set_config(${2 * i + 1}, ${2 * i + 2}, false)"))}", connection);
        foreach (var (name, value) in _values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return command;
    }

    private static IEnumerable<string> Words(string options)
    {
        var word = new StringBuilder();
        for (var i = 0; i < options.Length; i++)
        {
            if (options[i] == '\\' && i + 1 < options.Length)
            {
                word.Append(options[++i]);
            }
            else if (!char.IsWhiteSpace(options[i]))
            {
                word.Append(options[i]);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
