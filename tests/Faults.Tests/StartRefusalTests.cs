using System.Diagnostics;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>A start that fails names in one line what the operator can change.</summary>
public sealed class StartRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Database => Path.Combine(_folder.Path, "taskgrpc.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Storage__Providr", "Postgres", "Storage:Provider")]
    [InlineData("storage__datadirectry", "/srv", "Storage:DataDirectory")]
    [InlineData("Storage__Frobnicate", "1", "Storage:Frobnicate")]
    [InlineData("Storage__Provider__Name", "Sqlite", "Storage:Provider")]
    [InlineData("Watch__Retntion", "1.00:00:00", "Watch:Retention")]
    [InlineData("Limits__RequestByte", "1", "Limits:RequestBytes")]
    [InlineData("Limits__TooMuchMetadata", "1", "Limits:TooMuchMetadata")]
    [InlineData("Limits__NoRoomBesideWatches", "1", "The settings of Limits are")]
    [InlineData("Delivery__AllowHtp", "true", "Delivery:AllowHttp")]
    [InlineData("Smtp__Hots", "mail", "Smtp:Host")]
    [InlineData("Identity__Certificates__0__Organisation", "acme", "Identity:Certificates:0:Organization")]
    [InlineData("Storag__Provider", "Sqlite", "Storage:Provider")]
    [InlineData("ConnectionStrings__Task", "Data Source=x.db", "ConnectionStrings:Tasks")]
    public async Task A_setting_that_nothing_reads_Is_refused_and_the_nearest_is_named(string variable, string value, string near) =>
        await RefusedAsync(near, new() { [variable] = value });

    [Fact]
    public async Task Settings_of_other_programs_Are_left_alone()
    {
        using var server = new ServerProcess(_folder.Path, settings: new Dictionary<string, string>
        {
            ["Other__Provider"] = "x",
            ["Match__Everything"] = "x",
            ["ConnectionStrings__Billing"] = "x",
            ["Logging__LogLevel__Mine"] = "Debug",
        });
        await server.StartAsync();
        await server.TerminateAsync();
    }

    [Fact]
    public async Task An_unknown_setting_Is_found_in_the_arguments_too()
    {
        var ended = await ServerCommand.RunAsync(["--Storage:Providr=Sqlite", $"--Storage:DataDirectory={_folder.Path}"]);
        Refused(ended, "Storage:Provider");
    }

    [Theory]
    [InlineData("Kestrel__Endpoints__Grpc__Url", "http://127.0.0.1:99999", "99999")]
    [InlineData("Kestrel__Endpoints__Grpc__Url", "127.0.0.1:5080", "127.0.0.1:5080")]
    [InlineData("Kestrel__Endpoints__Grpc__Url", "ftp://127.0.0.1:5080", "ftp")]
    [InlineData("Kestrel__Endpoints__Grpc__Url", "http://no-such-host.invalid:5080", "every address")]
    [InlineData("Kestrel__Endpoints__Grpc__Url", "", "Kestrel")]
    [InlineData("Kestrel__Endpoints__Tls__Url", "https://127.0.0.1:0", "certificate")]
    [InlineData("ConnectionStrings__Tasks", "Host=127.0.0.1", "Storage:Provider")]
    [InlineData("ConnectionStrings__Tasks", "Data Source=file:/tmp/x.db", "path")]
    [InlineData("ConnectionStrings__Tasks", "Data Source=x.db;Password=secret", "encryption")]
    [InlineData("Logging__LogLevel__Default", "Loud", "Loud")]
    public async Task A_value_that_the_framework_cannot_read_Is_reported_in_one_line(string variable, string value, string part) =>
        await RefusedAsync(part, new() { [variable] = value });

    [Theory]
    [InlineData("/nowhere/server.pfx", null, "/nowhere/server.pfx")]
    [InlineData("wrong", "wrong", "wrong.pfx")]
    public async Task A_certificate_that_cannot_be_read_Is_reported_in_one_line(string path, string? content, string part)
    {
        if (content is not null)
        {
            path = Path.Combine(_folder.Path, path + ".pfx");
            await File.WriteAllTextAsync(path, content);
        }

        await RefusedAsync(part,
            new() { ["Kestrel__Endpoints__Tls__Url"] = "https://127.0.0.1:0", ["Kestrel__Endpoints__Tls__Certificate__Path"] = path });
    }

    [Fact]
    public async Task Settings_that_are_no_JSON_Are_reported_in_one_line()
    {
        var program = Path.Combine(_folder.Path, "program");
        using (var copy = Process.Start("cp", ["-r", AppContext.BaseDirectory, program]))
        {
            await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var settings = Path.Combine(program, "appsettings.json");
        await File.WriteAllTextAsync(settings, "{ \"Storage\": ");
        Refused(await ServerCommand.RunAsync([$"--Storage:DataDirectory={_folder.Path}"], program: program), "appsettings.json");
    }

    [Fact]
    public async Task A_file_that_is_no_database_Is_reported_in_one_line_and_left_unchanged()
    {
        await File.WriteAllTextAsync(Database, new string('x', 5000));
        await RefusedAsync("is not an SQLite database");
        Assert.Equal(5000, new FileInfo(Database).Length);
    }

    [Fact]
    public async Task A_truncated_database_Is_reported_in_one_line()
    {
        await FilledAsync();
        using (var file = File.OpenWrite(Database))
        {
            file.SetLength(file.Length / 2);
        }

        await RefusedAsync("was truncated");
    }

    [Fact]
    public async Task A_database_with_damaged_pages_Is_reported_in_one_line()
    {
        await FilledAsync();
        using (var file = File.OpenWrite(Database))
        {
            file.Position = 100;
            file.Write(new byte[2000]);
        }

        await RefusedAsync("is damaged");
    }

    [Fact]
    public async Task A_database_of_another_program_Is_refused_and_left_unchanged()
    {
        await SqliteAsync("CREATE TABLE invoices(id)");
        await RefusedAsync("of another program");
        Assert.Equal("invoices", await SqliteAsync("SELECT group_concat(name) FROM sqlite_schema"));
    }

    [Fact]
    public async Task A_database_of_a_newer_release_Is_refused()
    {
        await FilledAsync();
        await SqliteAsync("INSERT INTO __EFMigrationsHistory VALUES ('20991231000000_Later', '11.0.0')");
        await RefusedAsync("newer release");
    }

    [Theory]
    [InlineData("taskgrpc.db", "is a folder")]
    [InlineData("taskgrpc.db.lock", "taskgrpc.db.lock")]
    [InlineData("taskgrpc.db-wal", "cannot be used")]
    public async Task A_folder_in_the_place_of_a_file_Is_reported_in_one_line(string name, string part)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, name));
        if (name.EndsWith("wal", StringComparison.Ordinal))
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.Path, name, "something"), "");
        }

        await RefusedAsync(part);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_Is_reported_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "file"), "");
        await RefusedAsync(Path.Combine(_folder.Path, "file"), new() { ["Storage__DataDirectory"] = Path.Combine(_folder.Path, "file") });
    }

    private async Task FilledAsync()
    {
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await client.CreateAgentTaskAsync();
        }

        await server.TerminateAsync();
    }

    private async Task<string?> SqliteAsync(string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private async Task RefusedAsync(string part, Dictionary<string, string?>? environment = null)
    {
        environment ??= [];
        environment.TryAdd("Storage__DataDirectory", _folder.Path);
        Refused(await ServerCommand.RunAsync([], environment), part);
    }

    private static void Refused(ServerCommand.Ended ended, string part)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(ended.Output + ended.Error);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("does not start", ended.Error, StringComparison.Ordinal);
        Assert.Contains(part, ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("Exception", ended.Output + ended.Error, StringComparison.Ordinal);
    }
}
