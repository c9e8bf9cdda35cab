using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC203UnboundedQueueAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC203UnboundedQueueCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC203UnboundedQueueTests
{
    [Theory]
    [InlineData("readonly Channel<int> _queue = [|Channel.CreateUnbounded<int>()|]; public ValueTask M(int x) => _queue.Writer.WriteAsync(x);")]
    [InlineData("readonly Channel<int> _queue; C() => _queue = [|Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true })|]; public void M(int x) { if (!_queue.Writer.TryWrite(x)) throw new Exception(); }")]
    [InlineData("readonly Channel<int> _queue = [|Channel.CreateUnbounded<int>()|]; public ChannelWriter<int> Writer => _queue.Writer;")]
    [InlineData("public readonly Channel<int> Queue = [|Channel.CreateUnbounded<int>()|];")]
    [InlineData("Channel<int> Queue { get; } = [|Channel.CreateUnbounded<int>()|];")]
    [InlineData("Channel<int> M() => [|Channel.CreateUnbounded<int>()|];")]
    [InlineData("void M() { var queue = [|Channel.CreateUnbounded<int>()|]; Give(queue.Writer); }")]
    [InlineData("void M() { var queue = [|Channel.CreateUnbounded<int>()|]; Use(queue); }")]
    [InlineData("async Task M(IAsyncEnumerable<int> xs) { var queue = [|Channel.CreateUnbounded<int>()|]; await foreach (var x in xs) await queue.Writer.WriteAsync(x); }")]
    [InlineData("async Task M(IAsyncEnumerable<int> xs) { var queue = [|Channel.CreateUnbounded<int>()|]; var writer = queue.Writer; await foreach (var x in xs) await writer.WriteAsync(x); }")]
    [InlineData("void M(IEnumerable<int> xs) { var queue = [|Channel.CreateUnbounded<int>()|]; foreach (var x in xs) Use(queue.Writer.TryWrite(x)); }")]
    [InlineData("void M() { var queue = [|Channel.CreateUnbounded<int>()|]; Action<int> arrived = x => Use(queue.Writer.TryWrite(x)); Use(arrived); }")]
    [InlineData("readonly BlockingCollection<int> _queue = [|new BlockingCollection<int>()|]; public void M(int x) => _queue.Add(x);")]
    [InlineData("readonly BlockingCollection<int> _queue = [|new(new ConcurrentStack<int>())|]; public void M(int x) => _queue.Add(x);")]
    [InlineData("readonly ActionBlock<int> _block = [|new ActionBlock<int>(x => Use(x))|]; public bool M(int x) => _block.Post(x);")]
    [InlineData("readonly ActionBlock<int> _block = [|new(x => Use(x), new ExecutionDataflowBlockOptions { MaxDegreeOfParallelism = 2 })|]; public bool M(int x) => _block.Post(x);")]
    [InlineData("readonly BufferBlock<int> _block = [|new BufferBlock<int>()|]; public Task M(int x) => _block.SendAsync(x);")]
    [InlineData("ISourceBlock<int> M() => [|new TransformBlock<int, int>(x => x + 1)|];")]
    public Task Flagged(string members) => InClass(members);

    [Theory]
    [InlineData("readonly Channel<int> _queue = [|Channel.CreateUnboundedPrioritized<int>()|]; public ValueTask M(int x) => _queue.Writer.WriteAsync(x);")]
    [InlineData("public Channel<int> M() => [|Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<int>())|];")]
    [InlineData("public void M() { var queue = Channel.CreateUnboundedPrioritized<int>(); Use(queue.Writer.TryWrite(1)); }")]
    public Task A_channel_with_priorities_has_no_bounded_form(string members) => InClass(members);

    [Theory]
    [InlineData("readonly Channel<int> _queue = Channel.CreateBounded<int>(4); public ValueTask M(int x) => _queue.Writer.WriteAsync(x);")]
    [InlineData("readonly BlockingCollection<int> _queue = new(4); public void M(int x) => _queue.Add(x);")]
    [InlineData("readonly BlockingCollection<int> _queue = new(new ConcurrentStack<int>(), 4); public void M(int x) => _queue.Add(x);")]
    [InlineData("readonly ActionBlock<int> _block = new(x => Use(x), new ExecutionDataflowBlockOptions { BoundedCapacity = 2 }); public bool M(int x) => _block.Post(x);")]
    [InlineData("readonly ActionBlock<int> _block = new(x => Use(x), s_options); public bool M(int x) => _block.Post(x);")]
    [InlineData("readonly BroadcastBlock<int> _block = new(x => x); public bool M(int x) => _block.Post(x);")]
    // Never written in a loop or from outside.
    [InlineData("void M() { var queue = Channel.CreateUnbounded<int>(); Use(queue.Writer.TryWrite(1)); queue.Writer.Complete(); }")]
    [InlineData("async Task M() { var queue = Channel.CreateUnbounded<int>(); var writer = queue.Writer; await writer.WriteAsync(1); writer.Complete(); await foreach (var x in queue.Reader.ReadAllAsync()) Use(x); }")]
    [InlineData("readonly Channel<int> _queue = Channel.CreateUnbounded<int>(); C() { Use(_queue.Writer.TryWrite(1)); }")]
    [InlineData("readonly Channel<int> _queue = Channel.CreateUnbounded<int>(); Task M() => _queue.Reader.Completion;")]
    [InlineData("void M() { var queue = Channel.CreateUnbounded<int>(); for (var i = 0; i < 4; i++) Use(queue.Writer.TryWrite(i)); }")]
    [InlineData("void M() { var queue = new BlockingCollection<int>(); queue.Add(1); queue.CompleteAdding(); foreach (var x in queue.GetConsumingEnumerable()) Use(x); }")]
    [InlineData("void M() { using var queue = new BlockingCollection<int>(); queue.Add(1); }")]
    [InlineData("void M() { var block = new BufferBlock<int>(); Use(block.Post(1)); block.Complete(); }")]
    // What is in memory already takes no more of it.
    [InlineData("void M(List<int> xs) { var queue = Channel.CreateUnbounded<int>(); foreach (var x in xs) Use(queue.Writer.TryWrite(x)); queue.Writer.Complete(); }")]
    [InlineData("void M(int[] xs) { var queue = new BlockingCollection<int>(); foreach (var x in xs) queue.Add(x); }")]
    [InlineData("class Channel { public static object CreateUnbounded<T>() => new(); } object M() => Channel.CreateUnbounded<int>();")]
    public Task Not_flagged(string members) => InClass(members);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        Class("Channel<int> M() => {|#0:Channel.CreateUnbounded<int>()|}; object N() => {|#1:new BlockingCollection<int>()|};"),
        Verify.Diagnostic().WithLocation(0).WithArguments("Channel.CreateUnbounded").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info),
        Verify.Diagnostic().WithLocation(1).WithArguments("BlockingCollection"));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { object M() => System.Threading.Channels.Channel.CreateUnbounded<int>(); }");

    [Fact]
    public Task Test_code() => Verify.VerifyAnalyzerAsync(
        "namespace Xunit { class FactAttribute : Attribute; }\nclass C { [Xunit.Fact] object M() => System.Threading.Channels.Channel.CreateUnbounded<int>(); }");

    [Theory]
    [InlineData("class C { object M() { return System.Threading.Channels.Channel.; } }")]
    [InlineData("class C { object M() => new BlockingCollection<int>(; }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("Channel<int> M() => [|Channel.CreateUnbounded<int>()|]; // one", "Channel<int> M() => Channel.CreateBounded<int>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait }); // one")]
    [InlineData("Channel<int> M() => [|Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true })|];", "Channel<int> M() => Channel.CreateBounded<int>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });")]
    [InlineData("Channel<int> M() => [|Channel.CreateUnbounded<int>(new() { SingleWriter = true, AllowSynchronousContinuations = true })|];", "Channel<int> M() => Channel.CreateBounded<int>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait, SingleWriter = true, AllowSynchronousContinuations = true });")]
    [InlineData("readonly BlockingCollection<int> _queue = [|new BlockingCollection<int>()|]; public void M(int x) => _queue.Add(x);", "readonly BlockingCollection<int> _queue = new BlockingCollection<int>(boundedCapacity: 1024); public void M(int x) => _queue.Add(x);")]
    [InlineData("readonly BlockingCollection<int> _queue = [|new(new ConcurrentStack<int>())|]; public void M(int x) => _queue.Add(x);", "readonly BlockingCollection<int> _queue = new(new ConcurrentStack<int>(), boundedCapacity: 1024); public void M(int x) => _queue.Add(x);")]
    [InlineData("object M() => [|new BufferBlock<int>()|];", "object M() => new BufferBlock<int>(new DataflowBlockOptions { BoundedCapacity = 1024 });")]
    [InlineData("object M() => [|new ActionBlock<int>(x => Use(x))|];", "object M() => new ActionBlock<int>(x => Use(x), new ExecutionDataflowBlockOptions { BoundedCapacity = 1024 });")]
    [InlineData("object M() => [|new ActionBlock<int>(x => Use(x), new ExecutionDataflowBlockOptions { MaxDegreeOfParallelism = 2 })|];", "object M() => new ActionBlock<int>(x => Use(x), new ExecutionDataflowBlockOptions { BoundedCapacity = 1024, MaxDegreeOfParallelism = 2 });")]
    public Task Fixes(string before, string after) => Verify.VerifyCodeFixAsync(Class(before), Class(after));

    [Fact]
    public Task The_capacity_is_an_option() => new Verify.Test
    {
        TestCode = Class("object M() => [|new BlockingCollection<int>()|];"),
        FixedCode = Class("object M() => new BlockingCollection<int>(boundedCapacity: 8);"),
        EditorConfig = "concurrency.default_queue_capacity = 8",
    }.RunAsync();

    // What is written when it is full would be lost.
    [Theory]
    [InlineData("readonly Channel<int> _queue = [|Channel.CreateUnbounded<int>()|]; public void M(int x) { _queue.Writer.TryWrite(x); }")]
    [InlineData("readonly Channel<int> _queue = [|Channel.CreateUnbounded<int>()|]; public void M(int x) { _ = _queue.Writer.TryWrite(x); }")]
    [InlineData("readonly ActionBlock<int> _block = [|new ActionBlock<int>(x => Use(x))|]; public void M(int x) { _block.Post(x); }")]
    [InlineData("readonly BlockingCollection<int> _queue = [|new BlockingCollection<int>()|]; public void M(int x) { _queue.TryAdd(x); }")]
    [InlineData("Channel<int> M(UnboundedChannelOptions options) => [|Channel.CreateUnbounded<int>(options)|];")]
    public Task No_fix(string members) => Verify.VerifyNoCodeFixAsync(Class(members));

    private static Task InClass(string members) => new Verify.Test { TestCode = Class(members), TestTopLevelProgram = false }.RunAsync();

    private static string Class(string members) =>
        $$"""
        using System.Collections.Concurrent;
        using System.Threading.Channels;
        using System.Threading.Tasks.Dataflow;

        class C
        {
            {{members}}

            static void Use(object? x) { }
            static void Give(ChannelWriter<int> writer) { }
            static readonly ExecutionDataflowBlockOptions s_options = new();
        }
        """;
}
