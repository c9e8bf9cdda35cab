using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC702UnserializableProcessDataAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC702UnserializableProcessDataTests
{
    private const string Usings = "using ConcurrencyAnalyzers.Runtime;\nusing System.Text.Json.Serialization;\n";

    [Fact]
    public Task Message_says_which_member_and_why() => Verify.VerifyAnalyzerAsync(
        Usings + "class Job { public Action? Done { get; set; } } class C { static int Run(Job job) => 1; void M(ProcessExecutor e, Job job) { e.RunAsync(Run, {|#0:job|}); } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("argument", "Job", "its 'Done' is a Action, which exists in its own process only"));

    [Fact]
    public Task Message_for_a_result() => Verify.VerifyAnalyzerAsync(
        Usings + "class C { static object Run(int x) => x; void M(ProcessExecutor e) { e.RunAsync({|#0:Run|}, 1); } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("result", "object", "it is declared as object, and its type would be lost"));

    [Theory]
    [InlineData("object")]
    [InlineData("Action")]
    [InlineData("Func<int>")]
    [InlineData("Delegate")]
    [InlineData("Task")]
    [InlineData("Task<int>")]
    [InlineData("Stream")]
    [InlineData("MemoryStream")]
    [InlineData("nint")]
    [InlineData("int[,]")]
    [InlineData("object[]")]
    [InlineData("List<object>")]
    [InlineData("Dictionary<string, object>")]
    [InlineData("IReadOnlyList<Stream>")]
    [InlineData("(int, object)")]
    [InlineData("(int Number, Stream Content)")]
    [InlineData("IShape")]
    [InlineData("Shape")]
    [InlineData("List<IShape>")]
    [InlineData("Closed")]
    [InlineData("WithObject")]
    [InlineData("WithField")]
    [InlineData("WithIncluded")]
    [InlineData("Derived")]
    [InlineData("Positional")]
    [InlineData("Nested")]
    [InlineData("Generic<Action>")]
    [InlineData("Tree<object>")]
    public Task Types_that_cannot_be_sent(string type) => VerifyAsync($"static int Run({type} x) => 1; void M(ProcessExecutor e, {type} value) {{ e.RunAsync(Run, [|value|]); }}");

    [Theory]
    [InlineData("int")]
    [InlineData("string")]
    [InlineData("string?")]
    [InlineData("int?")]
    [InlineData("byte[]")]
    [InlineData("int[][]")]
    [InlineData("DateTime")]
    [InlineData("DateTimeOffset?")]
    [InlineData("Guid")]
    [InlineData("Uri")]
    [InlineData("Version")]
    [InlineData("DayOfWeek")]
    [InlineData("System.Text.Json.Nodes.JsonNode")]
    [InlineData("System.Text.Json.JsonElement")]
    [InlineData("List<string>")]
    [InlineData("IEnumerable<int>")]
    [InlineData("IReadOnlyDictionary<string, int>")]
    [InlineData("HashSet<int>")]
    [InlineData("System.Collections.Immutable.ImmutableArray<int>")]
    [InlineData("(int, string)")]
    [InlineData("KeyValuePair<string, int>")]
    [InlineData("Good")]
    [InlineData("GoodRecord")]
    [InlineData("GoodStruct")]
    [InlineData("Tree<int>")]
    [InlineData("Polymorphic")]
    [InlineData("Derivable")]
    [InlineData("Converted")]
    [InlineData("WithConverter")]
    [InlineData("WithIgnored")]
    [InlineData("WithReadOnly")]
    [InlineData("WithPrivate")]
    [InlineData("WithStatic")]
    [InlineData("Empty")]
    public Task Types_that_can(string type) => VerifyAsync($"static int Run({type} x) => 1; void M(ProcessExecutor e, {type} value) {{ e.RunAsync(Run, value); }}");

    [Theory]
    [InlineData("static Stream Run(int x) => null!; void M(ProcessExecutor e) { e.RunAsync([|Run|], 1); }")]
    [InlineData("static async Task<object> Run(int x) => x; void M(ProcessExecutor e) { e.RunAsync([|Run|], 1); }")]
    [InlineData("static object Run(int x) => x; void M(ProcessExecutor e) { e.MapAsync(new[] { 1 }, [|Run|]); }")]
    [InlineData("static int Run(Stream x) => 1; void M(ProcessExecutor e, Stream[] all) { e.MapAsync([|all|], Run); }")]
    [InlineData("static int Run(Stream x) => 1; void M(ProcessExecutor e, Stream[] all) { e.SettleAsync([|all|], Run); }")]
    [InlineData("static void Run(Stream x) { } void M(ProcessExecutorOptions o, Stream value) { o.SetInitializer(Run, [|value|]); }")]
    [InlineData("void M(ProcessExecutor e) { e.RunAsync([|() => new object()|]); }")]
    public Task Wherever_they_are_sent(string members) => VerifyAsync(members);

    [Theory]
    [InlineData("static Task Run(int x) => Task.CompletedTask; void M(ProcessExecutor e) { e.RunAsync(Run, 1); }")]
    [InlineData("static async Task<int> Run(int x) => x; void M(ProcessExecutor e) { e.RunAsync(Run, 1); }")]
    [InlineData("static void Run() { } void M(ProcessExecutor e) { e.RunAsync(Run); }")]
    [InlineData("Task<T> M<T>(ProcessExecutor e, Func<T, T> work, T value) => e.RunAsync(work, value);")]
    [InlineData("void M(ThreadExecutor e, Stream s) { e.RunAsync(() => s); }")]
    [InlineData("void M(AsyncExecutor e, Stream s) { e.RunAsync(ct => Task.FromResult(s)); }")]
    public Task Work_without_a_result_and_other_executors(string members) => VerifyAsync(members);

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", Usings + "class C { static int Run(object x) => 1; void M(ProcessExecutor e) { e.RunAsync(Run, new object()); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M(ProcessExecutor e) { e.RunAsync<Missing, int>(x => 1, null); } }")]
    [InlineData("class C { void M(ProcessExecutor e) { e.RunAsync(x => x, ); e.MapAsync(); } }")]
    [InlineData("class D : D { public D X { get; set; } } class C { void M(ProcessExecutor e, D d) { e.RunAsync(x => 1, d); } }")]
    public async Task Incomplete_code(string code) => _ = await new Verify.Test { TestCode = Usings + code, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    private static Task VerifyAsync(string members) => new Verify.Test
    {
        TestCode = Usings + "class C { " + members + " }\n" + Types,
        TestTopLevelProgram = false,
        TestNullableDisabled = false,
    }.RunAsync();

    private const string Types =
        """
        public interface IShape { int Area { get; } }
        public abstract class Shape { public int Area { get; set; } }
        public sealed class Closed { private int _x = 1; public int Sum(int y) => _x + y; }
        public sealed class WithObject { public int Number { get; set; } public object? Extra { get; set; } }
        public sealed class WithField { public Action? Callback; }
        public sealed class WithIncluded { [JsonInclude] internal Stream? Content { get; set; } }
        public class Base { public Stream? Content { get; set; } }
        public sealed class Derived : Base { public int Number { get; set; } }
        public sealed record Positional(int Number, Action Callback);
        public sealed class Nested { public List<WithObject>? Items { get; set; } }
        public sealed class Generic<T> { public T? Value { get; set; } }
        public sealed class Tree<T> { public T? Value { get; set; } public List<Tree<T>>? Children { get; set; } }
        public sealed class Good { public int Number { get; set; } public string? Text { get; init; } public List<Good>? Children { get; set; } }
        public sealed record GoodRecord(int Number, string Text);
        public struct GoodStruct { public int X; public int Y; }
        [JsonPolymorphic] public abstract class Polymorphic { public int Area { get; set; } }
        [JsonDerivedType(typeof(Derivation), "d")] public abstract class Derivable { public int Area { get; set; } }
        public sealed class Derivation : Derivable { }
        [JsonConverter(typeof(JsonStringEnumConverter))] public sealed class Converted { public Stream? Content { get; set; } }
        public sealed class WithConverter { [JsonConverter(typeof(JsonStringEnumConverter))] public object? Value { get; set; } }
        public sealed class WithIgnored { public int Number { get; set; } [JsonIgnore] public Action? Callback { get; set; } }
        public sealed class WithReadOnly { public int Number { get; set; } public Stream Content => Stream.Null; }
        public sealed class WithPrivate { public int Number { get; set; } private Action? Callback { get; set; } private object? _x = null; public bool Has => _x is null && Callback is null; }
        public sealed class WithStatic { public int Number { get; set; } public static object? Shared { get; set; } }
        public sealed class Empty { }
        """;
}
