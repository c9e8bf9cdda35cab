using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC303AsyncVoidAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC303AsyncVoidCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC303AsyncVoidTests
{
    [Theory]
    [InlineData("async void [|Save|]() { await Task.Delay(1); }")]
    [InlineData("public static async void [|Save|](int x) => await Task.Delay(x);")]
    [InlineData("async void [|Save|]() { try { await Task.Run(() => Console.WriteLine()); } catch (IOException) { } }")]
    [InlineData("async void [|Save|]() { try { await Task.Delay(1); } catch { throw; } }")]
    [InlineData("async void [|Save|](object state) { await Task.Delay(1); }")]
    [InlineData("async void [|Save|](object state, int count) { await Task.Delay(1); }")]
    [InlineData("public override async void [|Run|]() { await Task.Delay(1); }")]
    [InlineData("public async void [|Show|]() { await Task.Delay(1); }")]
    [InlineData("async void IView.[|Hide|]() { await Task.Delay(1); }")]
    [InlineData("void M() { async void [|Local|]() { await Task.Delay(1); } Local(); }")]
    [InlineData("void M() { Action save = [|async|] () => await Task.Delay(1); save(); }")]
    [InlineData("void M() { Action<int> save = [|async|] x => { await Task.Delay(x); }; save(1); }")]
    [InlineData("void M() { Action save = [|async|] delegate { await Task.Delay(1); }; save(); }")]
    [InlineData("void M() { new Timer([|async|] _ => await Task.Delay(1)); }")]
    [InlineData("void M() { new Thread([|async|] () => await Task.Delay(1)).Start(); }")]
    [InlineData("void M() { ThreadPool.QueueUserWorkItem([|async|] _ => await Task.Delay(1)); }")]
    [InlineData("void M(CancellationToken token) { token.Register([|async|] () => await Task.Delay(1)); }")]
    [InlineData("void M() { Take([|async|] () => { Take([|async|] () => await Task.Delay(1)); await Task.Delay(1); }); }")]
    [InlineData("async void [|Save|](int x) { await Task.Delay(x); } void M() { Parallel.For(0, 9, Save); Save(1); }")]
    [InlineData("public async void [|Save|](int x) { await Task.Delay(x); } void M() { Parallel.For(0, 9, Save); }")]
    [InlineData("void M() { async void [|Local|](int x) { await Task.Delay(x); } Parallel.For(0, 9, Local); Action<int> other = Local; other(1); }")]
    public Task Async_void(string member) => InClass(member);

    [Theory]
    [InlineData("async Task SaveAsync() { await Task.Delay(1); }")]
    [InlineData("void Save() { }")]
    // Given to Parallel alone, where CONC204 says it.
    [InlineData("async void Save(int x) { await Task.Delay(x); } void M() { Parallel.For(0, 9, Save); Parallel.ForEach(new[] { 1 }, Save); }")]
    [InlineData("void M() { async void Local(int x) { await Task.Delay(x); } Parallel.For(0, 9, Local); }")]
    // Event handlers.
    [InlineData("async void OnClick(object sender, EventArgs e) { await Task.Delay(1); }")]
    [InlineData("async void OnError(object? sender, System.Threading.Tasks.UnobservedTaskExceptionEventArgs e) { await Task.Delay(1); }")]
    [InlineData("async void OnChanged(PropertyChangedEventArgs e) { await Task.Delay(1); }")]
    [InlineData("void M() { Clicked += async (sender, e) => await Task.Delay(1); }")]
    [InlineData("void M() { Done += async () => await Task.Delay(1); }")]
    [InlineData("void M() { Done += OnDone; } async void OnDone() { await Task.Delay(1); }")]
    [InlineData("void M() { this.Done += this.OnDone; } async void OnDone() { await Task.Delay(1); }")]
    [InlineData("void M() { EventHandler handler = async (sender, e) => await Task.Delay(1); handler(this, EventArgs.Empty); }")]
    [InlineData("void M() { EventHandler<int> handler = async (sender, n) => await Task.Delay(n); handler(this, 1); }")]
    [InlineData("void M() { Done += Local; async void Local() { await Task.Delay(1); } }")]
    // Commands.
    [InlineData("object Command => new RelayCommand(async () => await Task.Delay(1));")]
    // All exceptions are handled.
    [InlineData("async void Save() { try { await Task.Delay(1); } catch (Exception e) { Console.WriteLine(e); } }")]
    [InlineData("public override async void Run() { try { await Task.Delay(1); } catch { } }")]
    [InlineData("void M() { new Timer(async _ => { try { await Task.Delay(1); } catch (Exception e) { Console.WriteLine(e); } }); }")]
    // Delegates that return a task.
    [InlineData("void M() { Func<Task> save = async () => await Task.Delay(1); save(); }")]
    [InlineData("void M() { Task.Run(async () => await Task.Delay(1)); }")]
    [InlineData("void M() { var save = async () => await Task.Delay(1); save(); }")]
    // Another rule's.
    [InlineData("void M() { new List<int>().ForEach(async x => await Task.Delay(x)); }")]
    [InlineData("void M() { Parallel.ForEach(new[] { 1 }, async x => await Task.Delay(x)); }")]
    [InlineData("void M() { Parallel.For(0, 2, async x => await Task.Delay(x)); }")]
    [InlineData("void M() { Parallel.Invoke(async () => await Task.Delay(1), async () => await Task.Delay(1)); }")]
    public Task Not_flagged(string member) => InClass(member);

    [Fact]
    public Task Event_handlers_count_if_the_option_says_so() => new Verify.Test
    {
        TestCode = "class C { async void [|OnClick|](object sender, EventArgs e) { await Task.Delay(1); } }",
        EditorConfig = "concurrency.exempt_event_handlers = false",
    }.RunAsync();

    [Theory]
    [InlineData("async void {|#0:Save|}() { await Task.Delay(1); }", "'Save'", "return a Task")]
    [InlineData("public override async void {|#0:Run|}() { await Task.Delay(1); }", "'Run'", "catch its exceptions")]
    [InlineData("void M() { Take({|#0:async|} () => await Task.Delay(1)); }", "This lambda, turned into 'Action',", "use a delegate that returns a Task, or catch its exceptions")]
    public Task Message_and_severity(string member, string what, string mend) => Verify.VerifyAnalyzerAsync(
        Class(member),
        Verify.Diagnostic().WithLocation(0).WithArguments(what, mend).WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));

    [Fact]
    public Task Partial_methods() => Verify.VerifyAnalyzerAsync(
        """
        partial class C { partial void OnSaved(); }
        partial class C { async partial void [|OnSaved|]() { await Task.Delay(1); } }
        """);

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { async void M() { await Task.Delay(1); } }");

    [Theory]
    [InlineData("class C { async void [|M|]() { await } }")]
    [InlineData("class C { async void [|M|](")]
    [InlineData("class C { void M() { Missing(async () => await Task.Delay(1)); async } }")]
    [InlineData("class C { async Task M() { await Take(async () => { await Missing(); }); } void Take(Action work) { } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("async void [|Save|]() { await Task.Delay(1); } // why", "async Task Save() { await Task.Delay(1); } // why")]
    [InlineData("async void [|Save|]() => await Task.Delay(1);\n    async Task M() { Save(); this.Save(); }", "async Task Save() => await Task.Delay(1);\n    async Task M() { await Save(); await this.Save(); }")]
    [InlineData("async void [|Save|](int x) { await Task.Delay(1); if (x > 0) Save(x - 1); }", "async Task Save(int x) { await Task.Delay(1); if (x > 0) await Save(x - 1); }")]
    [InlineData("async Task M() { async void [|Local|]() { await Task.Delay(1); } Local(); await Task.Delay(1); }", "async Task M() { async Task Local() { await Task.Delay(1); } await Local(); await Task.Delay(1); }")]
    [InlineData("async void [|A|]() { await Task.Delay(1); B(); }\n    async void [|B|]() { await Task.Delay(1); }", "async Task A() { await Task.Delay(1); await B(); }\n    async Task B() { await Task.Delay(1); }")]
    [InlineData("async Task M() { await Task.Delay(1); Invoke([|async|] () => await Task.Delay(1)); }", "async Task M() { await Task.Delay(1); await InvokeAsync(async () => await Task.Delay(1)); }")]
    [InlineData("async Task M() { await Task.Delay(1); this.Invoke([|async|] () => { await Task.Delay(1); }); // why\n    }", "async Task M() { await Task.Delay(1); await this.InvokeAsync(async () => { await Task.Delay(1); }); // why\n    }")]
    [InlineData("public async void [|Save|]() { await Task.Delay(1); } void M() { Save(); }", "public async Task Save() { await Task.Delay(1); } async Task M() { await Save(); }")]
    public Task Fixes(string member, string mended) => Verify.VerifyCodeFixAsync(Class(member), Class(mended));

    [Theory]
    [InlineData("public override async void [|Run|]() { await Task.Delay(1); }")]
    [InlineData("async void IView.[|Hide|]() { await Task.Delay(1); }")]
    [InlineData("async void [|Save|]() { await Task.Delay(1); } int P { get { Save(); return 1; } }")]
    [InlineData("async void [|Save|]() { await Task.Delay(1); } async Task M() { await Task.Delay(1); Action save = Save; save(); }")]
    [InlineData("async void [|Save|]() { await Task.Delay(1); } async Task M() { await Task.Delay(1); lock (this) { Save(); } }")]
    [InlineData("[Obsolete] async void [|Save|]() { await Task.Delay(1); }")]
    [InlineData("void M() { Invoke([|async|] () => await Task.Delay(1)); }")]
    [InlineData("async Task M() { await Task.Delay(1); Take([|async|] () => await Task.Delay(1)); }")]
    public Task No_fix(string member) => Verify.VerifyNoCodeFixAsync(Class(member));

    [Fact]
    public Task No_fix_for_what_others_may_call() => Verify.VerifyNoCodeFixAsync("public class C { public async void [|Save|]() { await Task.Delay(1); } }");

    private static Task InClass(string member) => Verify.VerifyAnalyzerAsync(Class(member));

    private static string Class(string member) =>
        $$"""
        class C : Base, IView
        {
            {{member}}

            void Take(Action action) => action();
            void Invoke(Action action) => action();
            Task InvokeAsync(Func<Task> action) => action();
            event EventHandler? Clicked { add { } remove { } }
            event Action? Done { add { } remove { } }
            void IView.Show() { }
        {{(member.Contains("IView.", StringComparison.Ordinal) ? "" : "    void IView.Hide() { }")}}
        }

        class Base { public virtual void Run() { } }

        interface IView { void Show(); void Hide(); }

        class PropertyChangedEventArgs : EventArgs;

        class RelayCommand(Action execute) : System.Windows.Input.ICommand
        {
            public event EventHandler? CanExecuteChanged { add { } remove { } }
            public bool CanExecute(object? parameter) => true;
            public void Execute(object? parameter) => execute();
        }
        """;
}
