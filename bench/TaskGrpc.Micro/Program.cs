using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TaskGrpc.Micro;

// In this process: the projects that BenchmarkDotNet generates do not use this repository's build.
var smoke = args.Contains("--smoke");
var job = (smoke ? Job.Dry : Job.ShortRun.WithIterationCount(10)).WithToolchain(InProcessEmitToolchain.Instance);
var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(job)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithOption(ConfigOptions.JoinSummary, true)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "taskgrpc-micro"));
string[] rest = [.. args.Where(arg => arg != "--smoke")];
var summaries = BenchmarkSwitcher.FromAssembly(typeof(CommitBenchmarks).Assembly).Run(rest.Length > 0 ? rest : ["--filter", "*"], config);
return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
