namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>What the server reads besides its own options: settings of the framework, and environment variables.</summary>
internal static class FrameworkSettings
{
    private const string Kestrel = "[Kestrel](https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints)";
    private const string Bearer =
        "[JWT bearer](https://learn.microsoft.com/aspnet/core/security/authentication/configure-jwt-bearer-authentication)";
    private const string Logging = "[Logging](https://learn.microsoft.com/aspnet/core/fundamentals/logging/)";
    private const string Console = "[Console](https://learn.microsoft.com/dotnet/core/extensions/console-log-formatter)";
    private const string Environments = "[Environments](https://learn.microsoft.com/aspnet/core/fundamentals/environments)";
    private const string Exporter = "[OTLP exporter](https://opentelemetry.io/docs/specs/otel/protocol/exporter/)";
    private const string Sdk = "[OpenTelemetry](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)";
    private const string Libpq = "[PostgreSQL](https://www.postgresql.org/docs/current/libpq-envars.html)";
    private const string Folders = "[XDG](https://specifications.freedesktop.org/basedir-spec/latest/)";
    private const string ConnectionStrings = "[Npgsql](https://www.npgsql.org/doc/connection-string-parameters.html), "
        + "[SQLite](https://learn.microsoft.com/dotnet/standard/data/sqlite/connection-strings)";

    /// <summary>Keys of the framework's sections. The operator replaces a part in braces.</summary>
    public static IReadOnlyList<(string Key, string Default, string What, string More)> Keys { get; } =
    [
        ("Kestrel:Endpoints:Grpc:Url", "`http://127.0.0.1:5080`",
            "The address for gRPC. Without an issuer or a table of certificates the server refuses every address but loopback.", Kestrel),
        ("Kestrel:Endpoints:Grpc:Protocols", "`Http2`",
            "The protocols at that address. Without TLS leave it at `Http2`; with TLS `Http1AndHttp2` serves both.", Kestrel),
        ("Kestrel:Endpoints:Http:Url", "`http://127.0.0.1:5081`",
            "The address for HTTP/1.1: `/healthz` says that the server runs, `/readyz` that it is ready. The same rule for addresses.",
            Kestrel),
        ("Kestrel:Endpoints:Http:Protocols", "`Http1`", "The protocols at that address.", Kestrel),
        ("Kestrel:Endpoints:Grpc:Certificate:Path", "none", "The certificate of that endpoint, for an `https` address.", Kestrel),
        ("Kestrel:Endpoints:Grpc:Certificate:KeyPath", "none", "The key's file, for a PEM certificate.", Kestrel),
        ("Kestrel:Certificates:Default:Path", "none", "The certificate of every `https` endpoint without its own.", Kestrel),
        ("Kestrel:Certificates:Default:KeyPath", "none", "The key's file, for a PEM certificate.", Kestrel),
        ("ConnectionStrings:Tasks", "none",
            "Where the PostgreSQL database is. With SQLite it replaces `Storage:DataDirectory`: `Data Source=/srv/tasks/taskgrpc.db`.",
            ConnectionStrings),
        ("Authentication:Schemes:Bearer:Authority", "none",
            "The issuer's address, where the server fetches the keys over https. With any setting of this section, it asks for tokens.",
            Bearer),
        ("Authentication:Schemes:Bearer:ValidIssuer", "none", "The issuer that a token must name.", Bearer),
        ("Authentication:Schemes:Bearer:ValidAudiences:0", "none",
            "An audience that a token may name. The server refuses a token for none of them.", Bearer),
        ("Logging:LogLevel:{category}", "`Information` for the server's own",
            "The lowest level that the server logs: `Trace`, `Debug`, `Information`, `Warning`, `Error`, `Critical` or `None`.", Logging),
        ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "`None`",
            "`Warning` adds the ids of request and trace to log lines, if scopes are on. A Get then costs a tenth more.", Logging),
        ("Logging:Console:FormatterName", "`simple`", "`json` writes each log line as a JSON object.", Console),
        ("Logging:Console:FormatterOptions:IncludeScopes", "`false`", "Whether log lines show scopes.", Console),
    ];

    /// <summary>Environment variables that are not keys.</summary>
    public static IReadOnlyList<(string Name, string What, string More)> Variables { get; } =
    [
        ("DOTNET_ENVIRONMENT", "The environment's name. Default: `Production`.", Environments),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "Where metrics and traces go. Without it the server sends none and measures no traces.", Exporter),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "`grpc` or `http/protobuf`. Default: `grpc`.", Exporter),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Headers for the exporter, for example a key of the receiver's.", Exporter),
        ("OTEL_BSP_SCHEDULE_DELAY", "How many milliseconds the server collects traces before it sends them. Default: 5000.", Sdk),
        ("PGOPTIONS", "Settings for the server's sessions on PostgreSQL, if the connection string has no `Options`.", Libpq),
        ("HOME", "The user's folder. The default of `Storage:DataDirectory` is `.local/share/taskgrpc` in it.", Folders),
        ("XDG_DATA_HOME", "The folder of application data, in place of `.local/share` in `HOME`.", Folders),
    ];

    /// <summary>Variables for developers of TaskGrpc. No release build reads them.</summary>
    public static IReadOnlyList<(string Name, string What)> DeveloperVariables { get; } =
    [
        ("TASKGRPC_WRITE_DOCS", "`1` lets the tests of `Server.Tests` write the generated pages in place of comparing them."),
        ("TASKGRPC_KEEP", "A release's number lets `UpgradeTests` keep a database of this build for the tests of later releases."),
        ("TASKGRPC_FAULT_POINT", "The place in the code at which a Debug build of the server dies, for the fault tests."),
        ("TASKGRPC_FAULT_ROUNDS", "How many rounds each fault test makes."),
        ("TASKGRPC_FAULT_TASKS", "How many tasks the racing workers of the fault tests share; 1,000 without it."),
        ("TASKGRPC_HOSTILE_REQUESTS", "How many random requests the tests of hostile requests send."),
    ];
}
