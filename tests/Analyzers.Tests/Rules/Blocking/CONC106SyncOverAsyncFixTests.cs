using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC106SyncOverAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC106SyncOverAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC106SyncOverAsyncFixTests
{
    [Theory]
    [InlineData("int Read() => [|FAsync().Result|];", "async Task<int> Read() => await FAsync();")]
    [InlineData("public static void Save() { [|FAsync().Wait()|]; } // why", "public static async Task Save() { await FAsync(); } // why")]
    [InlineData("string Read() => [|FAsync().GetAwaiter().GetResult()|].ToString();", "async Task<string> Read() => (await FAsync()).ToString();")]
    [InlineData("int Read() => [|FAsync().ConfigureAwait(false).GetAwaiter().GetResult()|];", "async Task<int> Read() => await FAsync().ConfigureAwait(false);")]
    [InlineData("int Read() { var x = [|FAsync().Result|]; if (x > 1) return x; return 0; }", "async Task<int> Read() { var x = await FAsync(); if (x > 1) return x; return 0; }")]
    [InlineData("void Save() { [|Task.WaitAll(FAsync(), FAsync())|]; }", "async Task Save() { await Task.WhenAll(FAsync(), FAsync()); }")]
    [InlineData("T Read<T>(Task<T> t) where T : class => [|t.Result|];", "async Task<T> Read<T>(Task<T> t) where T : class => await t;")]
    [InlineData("(int, List<string>) Read(Task<(int, List<string>)> t) => [|t.Result|];", "async Task<(int, List<string>)> Read(Task<(int, List<string>)> t) => await t;")]
    [InlineData("void M() { int Local() => [|FAsync().Result|]; }", "void M() { async Task<int> Local() => await FAsync(); }")]
    // Callers.
    [InlineData("int Read() => [|FAsync().Result|]; int Twice() => Read() + Read();", "async Task<int> Read() => await FAsync(); async Task<int> Twice() => await Read() + await Read();")]
    [InlineData("int Read() => [|FAsync().Result|]; void A() { B(); } void B() { if (this.Read() > 1) A(); }", "async Task<int> Read() => await FAsync(); async Task A() { await B(); } async Task B() { if (await this.Read() > 1) await A(); }")]
    [InlineData("int Read() => [|FAsync().Result|]; async Task M() { await Task.Yield(); Console.WriteLine(Read()); }", "async Task<int> Read() => await FAsync(); async Task M() { await Task.Yield(); Console.WriteLine(await Read()); }")]
    [InlineData("int Read() => [|FAsync().Result|]; Task M() { Console.WriteLine(Read()); return Task.CompletedTask; }", "async Task<int> Read() => await FAsync(); async Task M() { Console.WriteLine(await Read()); }")]
    [InlineData("int Read() => [|FAsync().Result|]; Func<Task> M() => async () => { await Task.Yield(); Read(); };", "async Task<int> Read() => await FAsync(); Func<Task> M() => async () => { await Task.Yield(); await Read(); };")]
    [InlineData("int Read(int x) => [|FAsync().Result|]; int M() => Read(Read(1));", "async Task<int> Read(int x) => await FAsync(); async Task<int> M() => await Read(await Read(1));")]
    [InlineData("int Fall(int x) => x == 0 ? [|FAsync().Result|] : Fall(x - 1);", "async Task<int> Fall(int x) => x == 0 ? await FAsync() : await Fall(x - 1);")]
    [InlineData("void M() { Console.WriteLine(Local()); int Local() => [|FAsync().Result|]; }", "async Task M() { Console.WriteLine(await Local()); async Task<int> Local() => await FAsync(); }")]
    [InlineData("int Read() => [|FAsync().Result|]; string Name => nameof(Read);", "async Task<int> Read() => await FAsync(); string Name => nameof(Read);")]
    public Task Made_async(string members, string mended) => Verify.VerifyCodeFixAsync(Class(members), Class(mended));

    [Theory]
    // The signature is somebody else's.
    [InlineData("public override string ToString() => [|FAsync().Result|].ToString();")]
    [InlineData("bool Try(out int x) { x = [|FAsync().Result|]; return true; }")]
    [InlineData("void Add(ref int x) { x += [|FAsync().Result|]; }")]
    [InlineData("void Add(in int x) { Console.WriteLine(x + [|FAsync().Result|]); }")]
    [InlineData("void Add(ReadOnlySpan<int> x) { Console.WriteLine(x.Length + [|FAsync().Result|]); }")]
    [InlineData("unsafe void Add(int* x) { Console.WriteLine([|FAsync().Result|]); }")]
    [InlineData("IEnumerable<int> All() { yield return [|FAsync().Result|]; }")]
    [InlineData("[System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.Synchronized)] int Read() => [|FAsync().Result|];")]
    [InlineData("[Obsolete] int Read() => [|FAsync().Result|];")]
    // No method.
    [InlineData("int P => [|FAsync().Result|];")]
    [InlineData("Host() { [|FAsync().Wait()|]; }")]
    [InlineData("static Host() { [|FAsync().Wait()|]; }")]
    [InlineData("Action M() => () => [|FAsync().Wait()|];")]
    // No await can stand there.
    [InlineData("int Read() { try { return [|FAsync().Result|]; } catch (AggregateException) { return 0; } }")]
    // A use that can't await.
    [InlineData("int Read() => [|FAsync().Result|]; Func<int> M() => Read;")]
    [InlineData("int Read() => [|FAsync().Result|]; Func<int> M() => () => Read();")]
    [InlineData("int Read() => [|FAsync().Result|]; int M() { lock (this) { return Read(); } }")]
    [InlineData("int Read() => [|FAsync().Result|]; int P => Read();")]
    [InlineData("int Read() => [|FAsync().Result|]; int Twice() => Read() + Read(); bool Try(out int x) { x = Twice(); return true; }")]
    [InlineData("int Read() => [|FAsync().Result|]; IEnumerable<int> M(int[] xs) => from x in xs where Read() > x select x;")]
    [InlineData("static int Read() => [|FAsync().Result|]; int x = Read();")]
    [InlineData("int Read() => [|FAsync().Result|]; int? M(Host? h) => h?.Read();")]
    [InlineData("int Read() => [|FAsync().Result|]; object M() { System.Linq.Expressions.Expression<Func<int>> e = () => Read(); return e; }")]
    public Task No_fix(string members) => Verify.VerifyNoCodeFixAsync(Class(members));

    [Theory]
    [InlineData("ref struct S", false)]
    [InlineData("readonly ref struct S", false)]
    [InlineData("struct S", false)]
    [InlineData("readonly struct S", true)]
    public Task An_async_method_works_on_a_copy_of_its_struct(string type, bool isOffered)
    {
        var before = $"{type} {{ int Read(Task<int> task) => [|task.Result|]; }}";
        return isOffered
            ? Verify.VerifyCodeFixAsync(before, $"{type} {{ async Task<int> Read(Task<int> task) => await task; }}")
            : Verify.VerifyNoCodeFixAsync(before);
    }

    [Fact]
    public Task No_fix_for_what_others_may_call() => Verify.VerifyNoCodeFixAsync(
        "public class C { public int Read() => [|Task.Run(() => 1).Result|]; protected void Save() { [|Task.Delay(1).Wait()|]; } }");

    [Fact]
    public Task Interface_members_and_overrides_go_together() => Verify.VerifyCodeFixAsync(
        """
        interface IStore { int Read(int key); }
        class Remote : IStore { public virtual int Read(int key) => [|Task.Run(() => key).Result|]; }
        class Cached : Remote { public override int Read(int key) => base.Read(key) + 1; }
        class Local : IStore { int IStore.Read(int key) { return key; } }
        class User { int Sum(IStore store) { var sum = 0; for (var i = 0; i < 3; i++) sum += store.Read(i); return sum; } }
        """,
        """
        interface IStore { Task<int> Read(int key); }
        class Remote : IStore { public virtual async Task<int> Read(int key) => await Task.Run(() => key); }
        class Cached : Remote { public override async Task<int> Read(int key) => await base.Read(key) + 1; }
        class Local : IStore { async Task<int> IStore.Read(int key) { return key; } }
        class User { async Task<int> Sum(IStore store) { var sum = 0; for (var i = 0; i < 3; i++) sum += await store.Read(i); return sum; } }
        """);

    [Fact]
    public Task No_fix_where_one_of_a_family_can_not_change() => Verify.VerifyNoCodeFixAsync(
        """
        interface IStore { int Read(int key); }
        class Remote : IStore { public int Read(int key) => [|Task.Run(() => key).Result|]; }
        class Sequence : IComparable<Sequence> { public int CompareTo(Sequence? other) => [|Task.Run(() => 1).Result|]; }
        class Local : IStore { [Obsolete] public int Read(int key) => key; }
        """);

    [Fact]
    public Task Usings_are_added() => new Verify.Test
    {
        TestCode = "class C\n{\n    int Read(System.Threading.Tasks.Task<int> t) => [|t.Result|];\n}\n",
        FixedCode = "using System.Threading.Tasks;\n\nclass C\n{\n    async Task<int> Read(System.Threading.Tasks.Task<int> t) => await t;\n}\n",
        ImplicitUsings = false,
    }.RunAsync();

    [Fact]
    public Task Across_files_and_projects() => new Verify.Test
    {
        TestCode =
            """
            using System.Runtime.CompilerServices;
            [assembly: InternalsVisibleTo("Shop")]
            static class Store { internal static int Read(int key) => [|Task.Run(() => key).Result|]; }
            """,
        FixedCode =
            """
            using System.Runtime.CompilerServices;
            [assembly: InternalsVisibleTo("Shop")]
            static class Store { internal static async Task<int> Read(int key) => await Task.Run(() => key); }
            """,
        Sources = { ("Sums.cs", "static class Sums { internal static int Of(int x, int y) => Store.Read(x) + Store.Read(y); }") },
        FixedSources = { ("Sums.cs", "static class Sums { internal static async Task<int> Of(int x, int y) => await Store.Read(x) + await Store.Read(y); }") },
        AdditionalProjects =
        {
            new TestProject("Shop")
            {
                ReferencesMain = true,
                Sources = { ("Shop.cs", "class Shop { async Task<int> TotalAsync() { await Task.Yield(); return Sums.Of(1, 2); } void Print() { Console.WriteLine(Store.Read(1)); } }") },
                FixedSources = { ("Shop.cs", "class Shop { async Task<int> TotalAsync() { await Task.Yield(); return await Sums.Of(1, 2); } async Task Print() { Console.WriteLine(await Store.Read(1)); } }") },
            },
        },
    }.RunAsync();

    [Fact]
    public Task No_fix_where_another_project_can_not_await() => new Verify.Test
    {
        TestCode =
            """
            using System.Runtime.CompilerServices;
            [assembly: InternalsVisibleTo("Shop")]
            static class Store { internal static int Read(int key) => [|Task.Run(() => key).Result|]; }
            """,
        FixedCode =
            """
            using System.Runtime.CompilerServices;
            [assembly: InternalsVisibleTo("Shop")]
            static class Store { internal static int Read(int key) => [|Task.Run(() => key).Result|]; }
            """,
        AdditionalProjects = { new TestProject("Shop") { ReferencesMain = true, Sources = { ("Shop.cs", "class Shop { int Total => Store.Read(1); }") } } },
    }.RunAsync();

    private static string Class(string members) =>
        $$"""
        class Host : Root
        {
            {{members}}
            static Task<int> FAsync() => Task.Run(() => 1);
        }

        class Root { }
        """;
}
