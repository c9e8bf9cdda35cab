using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC509ThreadBoundStateAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC509ThreadBoundStateCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC509ThreadBoundStateTests
{
    [Theory]
    [InlineData("[ThreadStatic] private int [|_depth|];", "private int _depth;")]
    [InlineData("[ThreadStatic, Obsolete] private int [|_depth|];", "[Obsolete] private int _depth;")]
    [InlineData("// depth\n    [ThreadStatic]\n    private int [|_depth|]; // of calls", "// depth\n    private int _depth; // of calls")]
    [InlineData("[System.ThreadStatic] internal string? [|_name|] = \"a\";", "internal string? _name = \"a\";")]
    [InlineData("[Obsolete] [ThreadStatic] private int [|_depth|];", "[Obsolete] private int _depth;")]
    public Task Instance_field(string before, string after) => Verify.VerifyCodeFixAsync("class C\n{\n    " + before + "\n}\n", "class C\n{\n    " + after + "\n}\n");

    [Theory]
    [InlineData("[ThreadStatic] private static List<int> [|t_list|] = new();", "private static readonly ThreadLocal<List<int>> t_list = new ThreadLocal<List<int>>(() => new List<int>());")]
    [InlineData("[ThreadStatic] private static int [|t_id|] = 5;", "private static readonly ThreadLocal<int> t_id = new ThreadLocal<int>(() => 5);")]
    [InlineData("// The name.\n    [ThreadStatic]\n    private static string [|t_name|] = \"\"; // none", "// The name.\n    private static readonly ThreadLocal<string> t_name = new ThreadLocal<string>(() => \"\"); // none")]
    [InlineData("[ThreadStatic] private static readonly Random [|t_random|] = new Random();", "private static readonly ThreadLocal<Random> t_random = new ThreadLocal<Random>(() => new Random());")]
    [InlineData("[ThreadStatic] private static int [|t_id|] = 5;\n    static int M() { t_id++; return C.t_id; }", "private static readonly ThreadLocal<int> t_id = new ThreadLocal<int>(() => 5);\n    static int M() { t_id.Value++; return C.t_id.Value; }")]
    public Task Initializer(string before, string after) => Verify.VerifyCodeFixAsync("class C\n{\n    " + before + "\n}\n", "class C\n{\n    " + after + "\n}\n");

    [Theory]
    [InlineData("string", "return t_x.Length + C.t_x.Length;", "return t_x.Value!.Length + C.t_x.Value!.Length;")]
    [InlineData("string", "t_x = \"b\"; return 1;", "t_x.Value = \"b\"; return 1;")]
    [InlineData("string?", "return t_x?.Length ?? 0;", "return t_x.Value?.Length ?? 0;")]
    [InlineData("int", "return t_x.Length;", "return t_x.Value.Length;")]
    public Task Initializer_of_a_reference_is_read_without_a_warning(string type, string before, string after)
    {
        var (value, length) = type == "int" ? ("5", ".CompareTo(1)") : ("\"a\"", ".Length");
        return new Verify.Test
        {
            TestCode = $"class C\n{{\n    [ThreadStatic] private static {type} [|t_x|] = {value};\n    static int M() {{ {before.Replace(".Length", length, StringComparison.Ordinal)} }}\n}}\n",
            FixedCode = $"class C\n{{\n    private static readonly ThreadLocal<{type}> t_x = new ThreadLocal<{type}>(() => {value});\n    static int M() {{ {after.Replace(".Length", length, StringComparison.Ordinal)} }}\n}}\n",
            TestNullableDisabled = false,
        }.RunAsync();
    }

    [Fact]
    public Task Without_nullable_references_nothing_is_suppressed() => Verify.VerifyCodeFixAsync(
        "#nullable disable\nclass C\n{\n    [ThreadStatic] private static string [|t_x|] = \"a\";\n    static int M() { return t_x.Length; }\n}\n",
        "#nullable disable\nclass C\n{\n    private static readonly ThreadLocal<string> t_x = new ThreadLocal<string>(() => \"a\");\n    static int M() { return t_x.Value.Length; }\n}\n");

    [Theory]
    [InlineData("[ThreadStatic] private static int t_a, [|t_b|] = 1;")]
    [InlineData("[ThreadStatic] private int [|_a|], [|_b|];")]
    [InlineData("[ThreadStatic] internal static int [|t_id|] = 5;")]
    [InlineData("[ThreadStatic] private static int [|t_id|] = 5; static void M() => Interlocked.Increment(ref t_id);")]
    [InlineData("[ThreadStatic] private static (int A, int B) [|t_pair|] = (1, 2); static void M() => t_pair.A = 3;")]
    [InlineData("[field: ThreadStatic] private static int [|Id|] { get; set; } = 5;")]
    [InlineData("[Obsolete] [field: ThreadStatic] public static List<int> [|Items|] { get; } = new();")]
    [InlineData("[field: ThreadStatic] private int [|Depth|] { get; set; }")]
    [InlineData("[field: ThreadStatic] static int Id { get; set; } static async Task M() { Id = 1; await Task.Yield(); Console.Write([|Id|]); }")]
    public Task No_fix(string field) => Verify.VerifyNoCodeFixAsync("class C { " + field + " }");

    [Theory]
    [InlineData("t_id = 1; await Task.Yield(); Use([|t_id|]);", "t_id.Value = 1; await Task.Yield(); Use(t_id.Value);")]
    [InlineData("Use(C.t_id); await Task.Yield(); Use([|C.t_id|]);", "Use(C.t_id.Value); await Task.Yield(); Use(C.t_id.Value);")]
    public Task Across_an_await_it_becomes_an_AsyncLocal(string before, string after) => Verify.VerifyCodeFixAsync(
        "class C\n{\n    [ThreadStatic]\n    private static int t_id;\n\n    static async Task M() { " + before + " }\n\n    static void Use(int value) { }\n}\n",
        "class C\n{\n    private static readonly AsyncLocal<int> t_id = new AsyncLocal<int>();\n\n    static async Task M() { " + after + " }\n\n    static void Use(int value) { }\n}\n");

    [Theory]
    [InlineData("[ThreadStatic] private static List<int>? t_list;")]
    [InlineData("[ThreadStatic] private static List<int> t_list = null!;")]
    [InlineData("[ThreadStatic] private static int t_id = 0;")]
    [InlineData("[ThreadStatic] private static bool t_on = false;")]
    [InlineData("[ThreadStatic] private static int t_id = default;")]
    [InlineData("[ThreadStatic] private static int t_id = default(int);")]
    [InlineData("private static readonly ThreadLocal<int> t_id = new(() => 5);")]
    [InlineData("private static List<int> s_list = new();")]
    [InlineData("[ContextStatic] private static int t_id = 0;")]
    [InlineData("[field: ThreadStatic] private static int Id { get; set; }")]
    [InlineData("[field: ThreadStatic] private static int Id { get; set; } = 0;")]
    [InlineData("[field: ThreadStatic] static int Id { get; set; } static async Task M() { Id = 1; await Task.Yield(); Id = 2; Console.Write(Id); }")]
    [InlineData("[field: NonSerialized] private static List<int> Items { get; } = new();")]
    [InlineData("[property: Obsolete] private static List<int> Items { get; } = new();")]
    public Task Sound_fields(string field) => Verify.VerifyAnalyzerAsync("class C { " + field + " }");

    [Theory]
    [InlineData("t_id = 1; await Task.Yield(); Use([|t_id|]);")]
    [InlineData("Use(t_id); await Task.Delay(1); Use([|t_id|]);")]
    [InlineData("t_id++; try { await Task.Yield(); } finally { [|t_id|]--; }")]
    [InlineData("t_id = 1; await Task.Yield(); Use([|t_id|]); Use(t_id);")]
    [InlineData("_local.Value = 1; await Task.Yield(); Use([|_local.Value|]);")]
    [InlineData("var local = new ThreadLocal<int>(); local.Value = 1; await Task.Yield(); Use([|local.Value|]);")]
    [InlineData("t_id = 1; if (n > 0) await Task.Yield(); Use([|t_id|]);")]
    [InlineData("t_id = 1; await Task.Yield(); [|t_id|] += 2;")]
    [InlineData("Func<Task> f = async () => { t_id = 1; await Task.Yield(); Use([|t_id|]); }; await f();")]
    [InlineData("await F(); async Task F() { t_id = 1; await Task.Yield(); Use([|t_id|]); }")]
    [InlineData("while (n-- > 0) { Use([|t_id|]); await Task.Yield(); }")]
    [InlineData("if (n > 0) { t_id = 1; await Task.Yield(); } else { t_id = 2; } Use([|t_id|]);")]
    [InlineData("t_id = 1; try { await Task.Yield(); } catch (InvalidOperationException) { Use([|t_id|]); }")]
    [InlineData("t_id = 1; switch (n) { case 1: await Task.Yield(); break; } Use([|t_id|]);")]
    public Task Across_an_await(string body) => VerifyAsync(body);

    [Theory]
    [InlineData("t_id = 1; Use(t_id); await Task.Yield();")]
    [InlineData("await Task.Yield(); t_id = 1; Use(t_id);")]
    [InlineData("t_id = 1; await Task.Yield(); t_id = 2; Use(t_id);")]
    [InlineData("Use(t_list?.Count ?? 0); await Task.Yield(); t_list ??= new(); Use(t_list.Count);")]
    [InlineData("var id = t_id; await Task.Yield(); Use(id);")]
    [InlineData("t_id = 1; if (n > 0) { await Task.Yield(); return; } Use(t_id);")]
    [InlineData("t_id = 1; Action a = () => Use(t_id); await Task.Yield(); a();")]
    [InlineData("t_id = 1; Func<Task> f = async () => await Task.Yield(); Use(t_id); await f();")]
    [InlineData("_async.Value = 1; await Task.Yield(); Use(_async.Value);")]
    [InlineData("s_plain = 1; await Task.Yield(); Use(s_plain);")]
    [InlineData("t_id = 1; await Task.Yield(); Use(t_other);")]
    [InlineData("t_id = 1; await Task.Yield(); _ = nameof(t_id);")]
    [InlineData("if (n > 0) { t_id = 1; } else { await Task.Yield(); } Use(t_id);")]
    [InlineData("t_id = 1; if (n > 0) { Use(t_id); } else { await Task.Yield(); }")]
    [InlineData("t_id = 1; switch (n) { case 1: await Task.Yield(); break; default: Use(t_id); break; }")]
    [InlineData("while (n-- > 0) { t_id = n; Use(t_id); await Task.Yield(); }")]
    [InlineData("var random = new ThreadLocal<Random>(() => new Random()); Use(random.Value!.Next()); await Task.Yield(); Use(random.Value!.Next());")]
    [InlineData("while (n-- > 0) { Use(_local.Value); await Task.Yield(); }")]
    public Task Not_across_an_await(string body) => VerifyAsync(body);

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "class C { [ThreadStatic] int ; [ThreadStatic] static int x = ; async Task M() { x = 1; await ; x++; await x; } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        // <auto-generated/>
        class C { [ThreadStatic] int _x; }
        """);

    private static Task VerifyAsync(string body) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            [ThreadStatic] private static int t_id;
            [ThreadStatic] private static int t_other;
            [ThreadStatic] private static List<int>? t_list;
            private static int s_plain;
            private readonly ThreadLocal<int> _local = new();
            private readonly AsyncLocal<int> _async = new();

            async Task M(int n)
            {
                await Task.CompletedTask;
                {{body}}
            }

            static void Use(int value) { }
        }
        """);
}
