using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Docs.Settings;

public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void The_configuration_page_Says_what_the_options_say() =>
        GeneratedPage.AssertFresh("configuration.md", ConfigurationPage.Text());

    [Fact]
    public void A_setting_Has_a_comment_with_its_default_and_its_range() =>
        AssertNone(Setting.All.Select(SettingComment.DifferenceOf).OfType<string>());

    [Fact]
    public void A_section_Has_a_comment() => Assert.All(Setting.Sections, section => Assert.NotNull(DocComments.Of(section.Options)));

    [Fact]
    public void The_refusal_of_a_value_Names_the_setting_that_refuses_it() => Assert.All(Setting.All, setting =>
    {
        Assert.True(setting.RangeKey is null || setting.RangeKey == setting.Key, $"{setting.Key} has the range of {setting.RangeKey}.");
        // The refusal of a row's value names the table, because the validator does not know the row's number.
        var (table, column) = setting.Key.Split(":0:") is [var first, var second] ? (first, second) : (setting.Key, "");
        var refusals = setting.Property.GetCustomAttributes<ValidationAttribute>().Select(check => check.ErrorMessage).OfType<string>();
        Assert.All(refusals, refusal =>
        {
            Assert.Contains(table, refusal, StringComparison.Ordinal);
            Assert.Contains(column, refusal, StringComparison.Ordinal);
        });
    });

    [Fact]
    public async Task The_defaults_as_the_page_writes_them_Are_what_a_server_has_without_them()
    {
        using var folder = new TemporaryFolder();
        var defaults = Setting.All.Where(setting => !setting.IsOpen && !setting.Key.Contains(":0:", StringComparison.Ordinal))
            .ToDictionary(setting => setting.Key, setting => (string?)SettingText.AsSet(setting.Default!));
        // The test server uses a free port, and ignores a developer's settings.
        await using var server = await TestServer.StartAsync(folder.Path, settings: defaults);
        Assert.All(Setting.All.Where(setting => defaults.ContainsKey(setting.Key)), setting =>
        {
            var read = server.Services.GetRequiredService(typeof(IOptions<>).MakeGenericType(setting.Property.DeclaringType!));
            Assert.Equal(setting.Default, setting.Property.GetValue(((IOptions<object>)read).Value));
        });
    }

    [Fact]
    public void Every_key_of_the_page_Is_one_that_a_start_takes()
    {
        var sections = new KnownSettings(Setting.Sections);
        Assert.All(Setting.All, setting => sections.Check(Configured(setting.Key)));
        Assert.All(Setting.All, setting => Assert.Throws<RefusedToStartException>(() => sections.Check(Configured($"{setting.Key}Of"))));

        static IConfigurationRoot Configured(string key) =>
            new ConfigurationBuilder().AddInMemoryCollection([new(key, "1")]).Build();
    }

    /// <summary>The changelog may name removed settings, and EF's annotations look like keys.</summary>
    [Fact]
    public void A_key_that_pages_or_messages_name_Is_on_the_page() => AssertNone(
        from file in Repository.Files("*.md").Concat(Repository.Files("*.cs", "src/Server"))
        where Path.GetFileName(file) != "CHANGELOG.md" && !file.Contains("/Storage/Schema/", StringComparison.Ordinal)
        from key in SettingMentions.UnknownIn(File.ReadAllText(file))
        select $"{file} names {key}, which is no setting.");

    [Theory]
    [InlineData("`Storage:Provider`, `Storage__LockTimeout=1` and --Delivery:AllowedNetworks:0=127.0.0.0/8")]
    [InlineData("`Authentication:Schemes:Bearer:ValidIssuer`, `ValidAudiences:1`, `Authentication:Schemes:Bearer`")]
    [InlineData("`Identity:*Claim`, `Identity:Certificates`, `Identity:Certificates:1:Scopes:0`")]
    [InlineData("`Logging:LogLevel:TaskGrpc.Server.Ledger`")]
    [InlineData("--To:Storage:Provider=Postgres '--To:ConnectionStrings:Tasks=Host=db'")]
    public void A_key_of_the_page_Is_found(string text) => Assert.Empty(SettingMentions.UnknownIn(text));

    [Theory]
    [InlineData("Set `Storage:Providr`.", "Storage:Providr")]
    [InlineData("Storage__Providr=Postgres dotnet run", "Storage:Providr")]
    [InlineData("'--To:Storage:Provider:Kind=Postgres'", "Storage:Provider:Kind")]
    [InlineData("Kestrel:Endpoints:Rest:Url", "Kestrel:Endpoints:Rest:Url")]
    [InlineData("`Identity:*Claims`", "Identity:*Claims")]
    public void A_key_that_the_page_does_not_have_Is_found_out(string text, string key) =>
        Assert.Equal([key], SettingMentions.UnknownIn(text));

    [Fact]
    public void The_defaults_of_the_framework_s_settings_Are_those_of_the_program_s_file()
    {
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(Repository.Root, "src", "Server", "appsettings.json")).Build();
        Assert.All(file.GetSection("Kestrel").AsEnumerable().Where(setting => setting.Value is not null), setting =>
            Assert.Contains(FrameworkSettings.Keys, row => row.Key == setting.Key));
        Assert.All(FrameworkSettings.Keys.Where(row => file[row.Key] is not null), row => Assert.Equal($"`{file[row.Key]}`", row.Default));
    }

    [Fact]
    public void A_variable_that_the_code_reads_Is_on_the_page()
    {
        var page = ConfigurationPage.Text();
        var read =
            from file in Repository.Files("*.cs", "src")
            from Match variable in Reading().Matches(File.ReadAllText(file))
            select variable.Value;
        var own =
            from file in new[] { "src", "tests", "bench" }.SelectMany(folder => Repository.Files("*.cs", folder))
            from Match variable in Own().Matches(File.ReadAllText(file))
            select variable.Value;
        Assert.All(read.Union(own), variable => Assert.Contains($"| `{variable}` |", page, StringComparison.Ordinal));
    }

    /// <summary>Prints all of them; Assert.Empty would cut the list short.</summary>
    private static void AssertNone(IEnumerable<string> problems) =>
        Assert.True(!problems.Any(), string.Join(Environment.NewLine, problems));

    [GeneratedRegex(@"(?<=GetEnvironmentVariable\("")\w+")]
    private static partial Regex Reading();

    [GeneratedRegex(@"\b(TASKGRPC|OTEL)_[A-Z_]+\b")]
    private static partial Regex Own();
}
