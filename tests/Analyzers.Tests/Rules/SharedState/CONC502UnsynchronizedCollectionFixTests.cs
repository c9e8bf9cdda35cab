using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC502UnsynchronizedCollectionFixTests
{
    [Theory]
    [InlineData("var x = new List<int>();", "[|x|].Add(i);", "x.Count", "var x = new ConcurrentBag<int>();", "x.Add(i);")]
    [InlineData("List<int> x = new();", "[|x|].Add(i);", "x.Sum()", "ConcurrentBag<int> x = new();", "x.Add(i);")]
    [InlineData("var x = new List<int>(100); // all", "[|x|].Add(i);", "x.ToList()", "var x = new ConcurrentBag<int>(); // all", "x.Add(i);")]
    [InlineData("var x = new Queue<int>();", "[|x|].Enqueue(i);", "x.Count", "var x = new ConcurrentQueue<int>();", "x.Enqueue(i);")]
    [InlineData("var x = new Stack<int>();", "[|x|].Push(i);", "x.Count", "var x = new ConcurrentStack<int>();", "x.Push(i);")]
    [InlineData("var x = new Dictionary<int, string>();", "[|x|][i] = \"\";", "x[3]", "var x = new ConcurrentDictionary<int, string>();", "x[i] = \"\";")]
    [InlineData("var x = new Dictionary<int, string>();", "[|x|].Add(i, \"\");", "x.Values", "var x = new ConcurrentDictionary<int, string>();", "x.TryAdd(i, \"\");")]
    public Task Fixed(string before, string write, string use, string after, string fixedWrite) =>
        Verify.VerifyCodeFixAsync(Code(before, write, use), Code(after, fixedWrite, use));

    [Theory]
    [InlineData("var x = new List<int>();", "[|x|].Add(i);", "x[0]")]
    [InlineData("var x = new List<int>();", "[|x|].AddRange(new[] { i });", "x.Count")]
    [InlineData("var x = new List<int>();", "[|x|].Add(i);", "Take(x)")]
    [InlineData("var x = new HashSet<int>();", "[|x|].Add(i);", "x.Count")]
    [InlineData("var x = new System.Text.StringBuilder();", "[|x|].Append(i);", "x.Length")]
    [InlineData("IList<int> x = new List<int>();", "[|x|].Add(i);", "Take(x)")]
    [InlineData("var x = Make();", "[|x|].Add(i);", "x.Count")]
    public Task No_fix(string before, string write, string use) => Verify.VerifyNoCodeFixAsync(Code(before, write, use));

    [Fact]
    public Task A_private_field() => Verify.VerifyCodeFixAsync(
        """
        using System.Collections.Concurrent;

        class C
        {
            private readonly Dictionary<string, int> _sizes = new(StringComparer.Ordinal);
            public void M(string[] items) => Parallel.ForEach(items, item => [|_sizes|].Add(item, item.Length));
            public int Get(string key) => _sizes[key];
        }
        """,
        """
        using System.Collections.Concurrent;

        class C
        {
            private readonly ConcurrentDictionary<string, int> _sizes = new(StringComparer.Ordinal);
            public void M(string[] items) => Parallel.ForEach(items, item => _sizes.TryAdd(item, item.Length));
            public int Get(string key) => _sizes[key];
        }
        """);

    [Fact]
    public Task Two_mutations_are_one_change() => Verify.VerifyCodeFixAsync(
        """
        using System.Collections.Concurrent;

        class C
        {
            int M()
            {
                var names = new List<string>();
                Parallel.For(0, 9, i =>
                {
                    [|names|].Add("a");
                    [|names|].Add("b");
                });
                return names.Count;
            }
        }
        """,
        """
        using System.Collections.Concurrent;

        class C
        {
            int M()
            {
                var names = new ConcurrentBag<string>();
                Parallel.For(0, 9, i =>
                {
                    names.Add("a");
                    names.Add("b");
                });
                return names.Count;
            }
        }
        """);

    private static string Code(string declaration, string write, string use) =>
        $$"""
        using System.Collections.Concurrent;

        class C
        {
            object M()
            {
                {{declaration}}
                Parallel.For(0, 9, i => { {{write}} });
                return {{use}};
            }

            static List<int> Make() => new();
            static object Take(IList<int> list) => list;
        }
        """;
}
