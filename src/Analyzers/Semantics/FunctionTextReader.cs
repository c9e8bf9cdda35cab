using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Reads the words of a stretch of a file off its characters. The tree is asked only about those that look like a wait,
/// or like the head of a local function.
/// </summary>
internal sealed class FunctionTextReader(SyntaxNode root, string text)
{
    private static readonly Dictionary<int, Word> Known = Words();

    private enum Word
    {
        New,
        NoType,
        Base,
        Yield,
        Called,
        Taken,
        Named,
    }

    private readonly HashSet<int> _names = [];

    /// <summary>
    /// The keys of all words: as a name where it is not called, as a method's where it may be one, called or handed on; and
    /// for what stands behind <c>new</c>, that of the constructor.
    /// </summary>
    public HashSet<int> Mentions { get; } = [];

    public List<SimpleNameSyntax> Waits { get; } = [];

    /// <summary>What waits if it is done to a BlockingCollection.</summary>
    public List<SimpleNameSyntax> Takes { get; } = [];

    public List<LocalFunctionStatementSyntax> LocalFunctions { get; } = [];

    /// <summary>The functions that yield: nothing of them runs when they are called.</summary>
    public HashSet<SyntaxNode> Iterators { get; } = [];

    public void Read(int start, int end)
    {
        Mentions.Clear();
        _names.Clear();
        Waits.Clear();
        Takes.Clear();
        LocalFunctions.Clear();
        Iterators.Clear();
        var isCreated = false;
        var isOfBase = false;
        var hasUntypedNew = false;
        for (var i = start; i < end;)
        {
            var character = text[i];
            if (!IsStart(character))
            {
                isCreated = isCreated && (character is '.' or ':' || char.IsWhiteSpace(character));
                isOfBase = isOfBase && (character == '.' || char.IsWhiteSpace(character));
                i++;
                continue;
            }

            var from = i;
            var key = WordKey.Start;
            do
            {
                key = WordKey.Add(key, text[i++]);
            }
            while (i < end && IsPart(text[i]));

            if (Known.TryGetValue(key, out var word))
            {
                if (word == Word.New)
                {
                    isCreated = true;
                    hasUntypedNew |= After(i, end) == '(';
                    continue;
                }

                if (word == Word.Base)
                {
                    isOfBase = true;
                    continue;
                }

                Notice(word, from, i, end);
            }
            else if (i < end && (text[i] is '(' or '<') && LooksDeclared(from, start) && TokenAt(from).Parent is LocalFunctionStatementSyntax local && local.Identifier.SpanStart == from)
            {
                LocalFunctions.Add(local);
            }

            var after = After(i, end);
            if (after is '(' or '<' or ')' or ',' or ';')
                Mention(FunctionText.MethodKey(key), isOfBase);
            if (after != '(' || isCreated)
            {
                _names.Add(key);
                Mention(key, isOfBase);
            }

            if (isCreated)
                Mentions.Add(FunctionText.ConstructorKey(key));
            isOfBase = false;
        }

        // `Cache cache = new(…)`: it may be of any of the types that are spoken of.
        if (hasUntypedNew)
            Mentions.UnionWith(_names.Select(FunctionText.ConstructorKey));
    }

    private void Mention(int key, bool isOfBase)
    {
        Mentions.Add(key);
        if (isOfBase)
            Mentions.Add(FunctionText.BaseKey(key));
    }

    private void Notice(Word word, int from, int to, int end)
    {
        if (word == Word.Yield)
        {
            if (TokenAt(from).Parent is YieldStatementSyntax yield && yield.FirstAncestorOrSelf<SyntaxNode>(static node => node is LocalFunctionStatementSyntax or MemberDeclarationSyntax) is { } iterator)
                Iterators.Add(iterator);
            return;
        }

        var isCandidate = word switch
        {
            Word.Called or Word.Taken => After(to, end) == '(' && Before(from) == '.',
            Word.Named => true,
            _ => false,
        };
        if (!isCandidate || TokenAt(from) is not { Parent: SimpleNameSyntax mention } token || token.SpanStart != from)
            return;

        if (word == Word.Taken)
        {
            if (CallOf(mention) is not null)
                Takes.Add(mention);
        }
        else if (IsWait(token.ValueText, mention))
        {
            Waits.Add(mention);
        }
    }

    // `void Wait(`, `List<int> Read(`, `int[] All(`: a type, or what might be one, stands before it.
    private bool LooksDeclared(int from, int start)
    {
        var i = from - 1;
        while (i > start && char.IsWhiteSpace(text[i]))
            i--;

        if (i == from - 1 || i <= start)
            return false;

        if (text[i] == '>')
            return text[i - 1] != '=';

        if (!IsPart(text[i]))
            return text[i] is ']' or '?' or ')' or '*';

        var key = WordKey.Start;
        var first = i;
        while (first > start && IsPart(text[first - 1]))
            first--;

        for (; first <= i; first++)
            key = WordKey.Add(key, text[first]);
        return !Known.TryGetValue(key, out var word) || word is not (Word.New or Word.NoType or Word.Yield);
    }

    private SyntaxToken TokenAt(int position) => root.FindToken(position);

    private char After(int i, int end)
    {
        while (i < end && char.IsWhiteSpace(text[i]))
            i++;
        return i < end ? text[i] : '\0';
    }

    private char Before(int i)
    {
        do
        {
            i--;
        }
        while (i > 0 && char.IsWhiteSpace(text[i]));
        return i >= 0 ? text[i] : '\0';
    }

    private static bool IsStart(char character) =>
        (uint)((character | 0x20) - 'a') <= 'z' - 'a' || character == '_' || (character > 127 && SyntaxFacts.IsIdentifierStartCharacter(character));

    private static bool IsPart(char character) =>
        (uint)((character | 0x20) - 'a') <= 'z' - 'a' || (uint)(character - '0') <= 9 || character == '_' || (character > 127 && SyntaxFacts.IsIdentifierPartCharacter(character));

    private static bool IsWait(string name, SimpleNameSyntax mention) => name switch
    {
        "Sleep" => true,
        "Parallel" => mention.Parent is MemberAccessExpressionSyntax,
        "Result" => mention.Parent switch
        {
            MemberAccessExpressionSyntax access => access.Name == mention && !(access.Parent is AssignmentExpressionSyntax assignment && assignment.Left == access),
            MemberBindingExpressionSyntax or NameColonSyntax => true,
            _ => false,
        },
        "Join" => CallOf(mention) is { ArgumentList.Arguments.Count: <= 1, Expression: not MemberAccessExpressionSyntax { Expression: PredefinedTypeSyntax } },
        _ => CallOf(mention) is not null,
    };

    private static InvocationExpressionSyntax? CallOf(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access when access.Name == name => call,
        MemberBindingExpressionSyntax { Parent: InvocationExpressionSyntax call } => call,
        _ => null,
    };

    private static Dictionary<int, Word> Words()
    {
        var words = new Dictionary<int, Word>();
        Add(Word.New, "new");
        Add(Word.NoType, "await", "return", "else", "throw", "in", "is", "as", "case", "and", "or", "not", "do", "when", "select", "where", "by");
        Add(Word.Base, "base");
        Add(Word.Yield, "yield");
        Add(Word.Called, "Wait", "WaitAll", "WaitAny", "WaitOne", "GetResult", "RunSynchronously", "SignalAndWait", "WaitForExit", "GetConsumingEnumerable", "Join");
        Add(Word.Taken, "Take", "TryTake", "Add");
        Add(Word.Named, "Sleep", "Parallel", "Result");
        return words;

        void Add(Word word, params string[] texts)
        {
            foreach (var one in texts)
                words.Add(FunctionText.Key(one), word);
        }
    }
}
