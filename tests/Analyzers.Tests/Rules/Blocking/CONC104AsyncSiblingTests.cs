using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC104AsyncSiblingAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC104AsyncSiblingCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

/// <summary>What CONC104 flags and leaves alone; what it turns that into is in CONC104AsyncSiblingFixTests.</summary>
public sealed class CONC104AsyncSiblingTests
{
    [Fact]
    public Task Message_names_both() => Verify.VerifyAnalyzerAsync(
        Code("var text = {|#0:File.ReadAllText(\"a\")|};"),
        Verify.Diagnostic().WithLocation(0).WithArguments("ReadAllText", "ReadAllTextAsync"));

    [Theory]
    [InlineData("var n = [|stream.Read(bytes, 0, 1)|];")]
    [InlineData("[|stream.Write(bytes)|];")]
    [InlineData("[|stream.CopyTo(stream)|];")]
    [InlineData("[|stream.Flush()|];")]
    [InlineData("var x = [|box.Stub(1)|];")]
    [InlineData("[|box.Touch()|];")]
    [InlineData("var line = [|new StreamReader(stream).ReadLine()|];")]
    [InlineData("var x = [|box.Load(1)|];")]
    [InlineData("var x = [|Box.Make<string>(\"a\")|];")]
    [InlineData("var x = [|box.Extended(1)|];")]
    [InlineData("var x = [|box.Many(1, 2, 3)|];")]
    [InlineData("var x = [|box.Optional()|];")]
    [InlineData("var x = [|box.Quick(1)|];")]
    [InlineData("using var x = [|box.Open()|];")]
    [InlineData("var x = [|System.Xml.Linq.XDocument.Load(stream, default)|];")]
    [InlineData("Func<Task<int>> f = async () => { await Task.Yield(); return [|box.Load(1)|]; };")]
    [InlineData("Func<Task<int>> f = () => Task.FromResult([|box.Load(1)|]);")]
    [InlineData("static Task<int> Local(Box b) => Task.FromResult([|b.Load(1)|]);")]
    [InlineData("foreach (var line in [|File.ReadAllLines(\"a\")|]) await Task.Yield();")]
    [InlineData("foreach (var x in [|box.Streamed()|]) { }")]
    [InlineData("[|File.WriteAllLines(\"a\", new[] { \"b\" })|];")]
    [InlineData("if (bytes.Length > 0) await box.LoadAsync(1); else [|box.Load(1)|];")]
    [InlineData("var isAsync = bytes.Length > 0; if (isAsync) [|box.Load(1)|]; else await Task.Yield();")]
    [InlineData("var isAsync = bytes.Length > 0; if (isAsync) { await box.LoadAsync(1); } [|box.Load(1)|];")]
    public Task Flags(string statement) => Verify.VerifyAnalyzerAsync(Code(statement));

    [Theory]
    [InlineData("var x = await box.LoadAsync(1);")]
    [InlineData("using var p = new System.Diagnostics.Process(); await p.WaitForExitAsync(); p.WaitForExit();")]
    [InlineData("Func<int> f = () => box.Load(1);")]
    [InlineData("int Local() => box.Load(1);")]
    [InlineData("await Task.Run(() => box.Load(1));")]
    [InlineData("var tasks = new[] { 1 }.Select(x => box.Load(x)); await Task.WhenAll(new[] { 1 }.Select(x => box.LoadAsync(x)));")]
    [InlineData("var x = box.Get();")]
    [InlineData("box.Nothing(1);")]
    [InlineData("var x = box.Old();")]
    [InlineData("var x = box.Hidden();")]
    [InlineData("var x = box.Covariant();")]
    [InlineData("var x = box.Streamed();")]
    [InlineData("box.Forget();")]
    [InlineData("box.Dispose(); new CancellationTokenSource().Cancel();")]
    [InlineData("using (var opened = await box.OpenAsync()) { }")]
    [InlineData("new SemaphoreSlim(1).Wait(0);")]
    [InlineData("new SemaphoreSlim(1).Wait();")]
    [InlineData("var memory = new MemoryStream(); memory.Write(bytes); memory.Flush(); memory.CopyTo(stream);")]
    [InlineData("Stream memory = new MemoryStream(); memory.Write(bytes, 0, 1);")]
    [InlineData("using var writer = new StreamWriter(new MemoryStream()); writer.Write(\"a\"); writer.Flush();")]
    [InlineData("var memory = new MemoryStream(); var reader = new StreamReader(memory); var text = reader.ReadToEnd();")]
    [InlineData("var line = new StringReader(\"a\").ReadLine(); new StringWriter().Write(\"a\");")]
    [InlineData("Console.Out.WriteLine(\"a\"); Console.Error.Write(\"a\"); Console.In.ReadLine();")]
    [InlineData("using var reader = System.Xml.XmlReader.Create(stream); reader.Read();")]
    [InlineData("lock (box) { var x = box.Load(1); }")]
    [InlineData("System.Linq.Expressions.Expression<Func<Task<int>>> e = () => Task.FromResult(box.Load(1));")]
    [InlineData("var name = nameof(box.Load);")]
    [InlineData("Func<int, int> f = box.Load;")]
    // Another rule's.
    [InlineData("Task.Delay(1).Wait(); Task.Run(() => 1).Wait(1000); Task.WaitAll(Task.Delay(1));")]
    // It has been asked which of the two it is.
    [InlineData("var isAsync = bytes.Length > 0; if (isAsync) await box.LoadAsync(1); else box.Load(1);")]
    [InlineData("var sync = bytes.Length > 0; if (sync) { box.Load(1); } else { await box.LoadAsync(1); }")]
    [InlineData("var async = bytes.Length > 0; var x = async ? await box.LoadAsync(1) : box.Load(1);")]
    [InlineData("var isAsync = bytes.Length > 0; if (isAsync) { await box.LoadAsync(1); return; } box.Load(1);")]
    [InlineData("foreach (var x in await Task.FromResult(box.Streamed())) { } await foreach (var x in box.StreamedAsync()) { }")]
    [InlineData("foreach (var x in box.Streamed().Take(1)) { }")]
    [InlineData("var x = box.Wrapped(1);")]
    [InlineData("var x = box.Faked(1);")]
    [InlineData("dynamic d = box; var x = d.Load(1);")]
    public Task Leaves_alone(string statement) => Verify.VerifyAnalyzerAsync(Code(statement));

    [Fact]
    public Task A_method_is_not_its_own_sibling() => Verify.VerifyAnalyzerAsync(
        """
        abstract class Store
        {
            public int Load(int key) => key;
            public Task<int> LoadAsync(int key) => Task.Run(() => 1).ContinueWith(t => Load(key));
            public virtual Task<int> LoadAsync(int key, CancellationToken ct) => Task.FromResult(Load(key));
            public abstract int Read();
            public virtual Task<int> ReadAsync() => Task.FromResult(Read());
        }

        class FileStore : Store
        {
            public override Task<int> LoadAsync(int key, CancellationToken ct) => Task.FromResult(Load(key));
            public override int Read() => 1;
            public override async Task<int> ReadAsync() { await Task.Yield(); return Read(); }
        }
        """);

    [Fact]
    public Task Wrappers_call_the_inner_objects_sibling() => Verify.VerifyAnalyzerAsync(
        """
        interface IStore { int Load(); Task<int> LoadAsync(); }

        class Logged(IStore inner) : IStore
        {
            public int Load() => inner.Load();
            public async Task<int> LoadAsync() { await Task.Yield(); return [|inner.Load()|]; }
        }
        """);

    [Theory]
    [InlineData("var n = [|db.ExecuteSqlRaw(\"DELETE FROM Orders\")|];")]
    [InlineData("var n = [|db.ExecuteSqlRaw(\"DELETE FROM Orders WHERE Id = {0}\", 1)|];")]
    [InlineData("var n = db.Count(\"a\");")]
    [InlineData("var n = db.Mixed(\"a\");")]
    [InlineData("var n = [|socket.Send(bytes)|];")]
    [InlineData("var n = [|socket.Receive(bytes)|];")]
    [InlineData("var n = [|socket.Send(bytes, System.Net.Sockets.SocketFlags.None)|];")]
    [InlineData("var n = socket.Send(bytes, 0, 3, System.Net.Sockets.SocketFlags.None);")]
    [InlineData("var n = [|socket.Send(new List<ArraySegment<byte>>())|];")]
    [InlineData("var n = both.Load(1);")]
    [InlineData("var n = [|first.Load(1)|];")]
    public Task Parameters_of_another_form(string statement) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            async Task M(Db db, System.Net.Sockets.Socket socket, byte[] bytes, IBoth both, IFirst first)
            {
                await Task.Yield();
                {{statement}}
            }
        }

        class Db
        {
            public int ExecuteSqlRaw(string sql, params object[] parameters) => 1;
            public Task<int> ExecuteSqlRawAsync(string sql, CancellationToken token = default) => Start();
            public Task<int> ExecuteSqlRawAsync(string sql, params object[] parameters) => Start();
            public int Count(string text, params object[] more) => 1;
            public Task<int> CountAsync(string text, int limit = 3) => Start();
            public int Mixed(string text, params object[] more) => 1;
            public Task<long> MixedAsync(string text) => Task.Run(() => 1L);
            private static async Task<int> Start() { await Task.Delay(1); return 1; }
        }

        interface IFirst { int Load(int key); Task<int> LoadAsync(int key); }
        interface ISecond { Task<int> LoadAsync(int key); }
        interface IBoth : IFirst, ISecond;
        """);

    [Theory]
    [InlineData("parser.ParseDocument(text);")]
    [InlineData("parser.ParseDocument(text.AsSpan());")]
    [InlineData("[|parser.ParseDocument(stream)|];")]
    [InlineData("[|parser.Parse()|];")]
    [InlineData("parser.DeserializeObject(bytes, 3);")]
    [InlineData("writer.WriteValue(1);")]
    public Task Text_that_is_there_already(string statement) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            async Task M(Parser parser, Newtonsoft.Json.JsonTextWriter writer, Stream stream, string text, byte[] bytes)
            {
                await Task.Yield();
                {{statement}}
            }
        }

        class Parser
        {
            public int ParseDocument(string text) => 1;
            public int ParseDocument(ReadOnlySpan<char> text) => 1;
            public int ParseDocument(Stream stream) => 1;
            public Task<int> ParseDocumentAsync(string text, CancellationToken token = default) => Start();
            public Task<int> ParseDocumentAsync(ReadOnlyMemory<char> text, CancellationToken token = default) => Start();
            public Task<int> ParseDocumentAsync(Stream stream, CancellationToken token = default) => Start();
            public int Parse() => 1;
            public Task<int> ParseAsync() => Start();
            public int DeserializeObject(byte[] bytes, int start) => 1;
            public Task<int> DeserializeObjectAsync(byte[] bytes, int start) => Start();
            private static async Task<int> Start() { await Task.Delay(1); return 1; }
        }

        namespace Newtonsoft.Json
        {
            public abstract class JsonWriter { public void WriteValue(int value) { } public Task WriteValueAsync(int value) => Task.Delay(1); }
            public class JsonTextWriter : JsonWriter;
        }
        """);

    [Theory]
    [InlineData("var all = [|db.Orders.ToList()|];")]
    [InlineData("var first = [|db.Orders.Where(o => o > 1).FirstOrDefault()|];")]
    [InlineData("var query = db.Orders.Where(o => o > 1); var all = [|query.ToList()|];")]
    [InlineData("[|db.SaveChanges()|];")]
    [InlineData("var found = [|db.Orders.Find(1)|];")]
    [InlineData("db.Orders.Add(1); db.Orders.AddRange(1, 2);")]
    [InlineData("var all = new List<int>().AsQueryable().ToList();")]
    [InlineData("var all = new List<int>().ToList();")]
    [InlineData("IQueryable<int> Other() => db.Orders; var all = Other().ToList();")]
    [InlineData("var db2 = factory.CreateDbContext();")]
    [InlineData("var command = new Microsoft.Data.Sqlite.SqliteCommand(); command.Execute();")]
    public Task Entity_Framework_and_SQLite(string statement) => Verify.VerifyAnalyzerAsync(
        $$"""
        using Microsoft.EntityFrameworkCore;

        class C
        {
            async Task M(Db db, Factory factory)
            {
                await Task.Yield();
                {{statement}}
            }
        }

        class Db : DbContext { public DbSet<int> Orders { get; } = new(); }

        class Factory { public Db CreateDbContext() => new(); public Task<Db> CreateDbContextAsync(CancellationToken ct = default) => Task.Run(() => new Db()); }

        namespace Microsoft.EntityFrameworkCore
        {
            public class DbContext { public int SaveChanges() => 0; public Task<int> SaveChangesAsync(CancellationToken ct = default) => Task.Run(() => 0); }

            public class DbSet<T> : IQueryable<T>
            {
                public void Add(T item) { }
                public ValueTask AddAsync(T item) => new(Task.Delay(1));
                public void AddRange(params T[] items) { }
                public Task AddRangeAsync(params T[] items) => Task.Delay(1);
                public T? Find(params object[] keys) => default;
                public ValueTask<T?> FindAsync(params object[] keys) => new(Task.Run(() => default(T)));
                public Type ElementType => typeof(T);
                public System.Linq.Expressions.Expression Expression => null!;
                public IQueryProvider Provider => null!;
                public IEnumerator<T> GetEnumerator() => null!;
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!;
            }

            public static class EntityFrameworkQueryableExtensions
            {
                public static Task<List<T>> ToListAsync<T>(this IQueryable<T> source, CancellationToken ct = default) => Task.Run(() => new List<T>());
                public static Task<T?> FirstOrDefaultAsync<T>(this IQueryable<T> source, CancellationToken ct = default) => Task.Run(() => default(T));
            }
        }

        namespace Microsoft.Data.Sqlite
        {
            public class SqliteCommand { public int Execute() => 0; public Task<int> ExecuteAsync() => Task.Run(() => 0); }
        }
        """);

    [Theory]
    [InlineData("NUnit.Framework", "Fact", false)]
    [InlineData("Xunit", "Fact", false)]
    [InlineData("Xunit", "Fact", true)]
    public Task Tests_and_assertions(string testing, string attribute, bool analyzeTests) => new Verify.Test
    {
        TestCode = $$"""
            namespace {{testing}}
            {
                class {{attribute}}Attribute : Attribute;
                static class Assert { public static void That(bool ok) { } public static Task ThatAsync(bool ok) => Task.Delay(1); }
            }

            class T
            {
                [{{testing}}.{{attribute}}]
                public async Task M()
                {
                    await Task.Yield();
                    {{testing}}.Assert.That(true);
                    var text = {{(analyzeTests ? "[|File.ReadAllText(\"a\")|]" : "File.ReadAllText(\"a\")")}};
                }
            }
            """,
        EditorConfig = analyzeTests ? "concurrency.analyze_tests = true" : null,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => Verify.VerifyAnalyzerAsync(
        "// <auto-generated/>\nclass C { async Task<int> M() { await Task.Yield(); File.ReadAllText(\"\"); return 1; } }");

    [Fact]
    public Task Without_the_sibling_in_the_framework() => new Verify.Test
    {
        TestCode = "class C { async Task M() { await Task.Yield(); File.ReadAllText(\"\"); } }",
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
    }.RunAsync();

    [Fact]
    public Task Excluded_namespaces() => new Verify.Test
    {
        TestCode = "namespace A.B { class C { async Task M() { await Task.Yield(); File.ReadAllText(\"\"); } } }",
        EditorConfig = "concurrency.exclude_namespaces = A",
    }.RunAsync();

    internal static string Code(string statement, string parameters = "Stream stream, byte[] bytes, Box box") => $$"""
        class C
        {
            async Task M({{parameters}})
            {
                await Task.Yield();
                {{statement}}
            }
        }

        class Box : IDisposable
        {
            public int Load(int key) => key;
            public Task<int> LoadAsync(int key, CancellationToken cancellationToken = default) => Start(key);
            public static T Make<T>(object value) => (T)value;
            public static Task<T> MakeAsync<T>(object value) => Start((T)value);
            public int Many(params int[] keys) => 1;
            public Task<int> ManyAsync(params int[] keys) => Start(1);
            public int Optional(int a = 1, int b = 2) => 1;
            public Task<int> OptionalAsync(int a = 1, int b = 2, CancellationToken cancellationToken = default) => Start(1);
            public int Quick(int key) => 1;
            public ValueTask<int> QuickAsync(int key) => new(Start(1));
            public Stream Open() => Stream.Null;
            public Task<Stream> OpenAsync() => Start(Stream.Null);
            public void Send(string text, int times) { }
            public Task SendAsync(string text, int times, CancellationToken token = default) => Start(1);
            public int Overloaded(string text) => 1;
            public Task<int> OverloadedAsync(string text) => Start(1);
            public Task<int> OverloadedAsync(string text, CancellationToken ct) => Start(1);

            public int Get() => 1;
            public Task<int> GetAsync(int id) => Start(id);
            public void Nothing(int key) { }
            public Task NothingAsync(string key) => Start(1);
            public int Old() => 1;
            [Obsolete] public Task<int> OldAsync() => Start(1);
            public int Hidden() => 1;
            private Task<int> HiddenAsync() => Start(1);
            public object Covariant() => 1;
            public Task<string> CovariantAsync() => Start("");
            public IEnumerable<int> Streamed() => [];
            public async IAsyncEnumerable<int> StreamedAsync() { await Task.Yield(); yield break; }
            public void Forget() { }
            public async void ForgetAsync() => await Task.Yield();
            public int Wrapped(int key) => key;
            public Task<int> WrappedAsync(int key) => Task.Run(() => Wrapped(key));
            public int Stub(int key) => key;
            public Task<int> StubAsync(int key) => Task.FromResult(1);
            public void Touch() { }
            public Task TouchAsync() { return Task.CompletedTask; }
            public int Faked(int key) => key;
            public Task<int> FakedAsync(int key) => Task.FromResult(key);
            public void Dispose() { }
            public ValueTask DisposeAsync() => new(Start(1));
            private static async Task<T> Start<T>(T value) { await Task.Delay(1); return value; }
        }

        static class Extensions
        {
            public static int Extended(this Box box, int key) => key;
            public static async Task<int> ExtendedAsync(this Box box, int key) { await Task.Delay(1); return key; }
        }
        """;
}
