using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Which synchronous functions of a compilation block the thread that calls them, at any depth, and by which chain. It is
/// found from the waits up, from each function that blocks to those that call it, so that cycles are no special case and
/// nothing is bound but what the text shows to wait or to speak of a function that blocks: of most code, very little.
/// </summary>
internal sealed class BlockingSummary
{
    private const int MaxSteps = 64;
    private const int MaxNames = 6;

    private static readonly ConditionalWeakTable<Compilation, BlockingSummary> Cache = new();

    private readonly Dictionary<IMethodSymbol, BlockingFunction> _functions = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<IMethodSymbol, int> _distances = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _names = [];
    private readonly AnalyzerOptions _options;

    private BlockingSummary(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        Links = new CallLinks(compilation);
        var functions = new List<FunctionText>();
        var additional = new HashSet<int>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var name in ConcurrencyOptions.AdditionalBlockingMethods.In(options.AnalyzerConfigOptionsProvider.GetOptions(tree)))
                additional.Add(FunctionText.MethodKey(FunctionText.Key(name.Substring(name.LastIndexOf('.') + 1))));

            functions.AddRange(FunctionText.Of(tree));
        }

        HasAdditional = additional.Count > 0;
        HasWaits = functions.Exists(static function => function.Waits.Count > 0);
        Spread(functions, additional, compilation, cancellationToken);
    }

    public KnownSymbols Known => Links.Known;

    public CallLinks Links { get; }

    public SiblingNames Siblings { get; } = new();

    /// <summary>Whether no function blocks, and none is said to.</summary>
    public bool IsEmpty => IsEmptyButForLambdas && !HasWaits;

    /// <summary>Whether no function that can be called blocks: a lambda still may.</summary>
    public bool IsEmptyButForLambdas => _names.Count == 0 && !HasAdditional;

    /// <summary>Whether there is an operator among the functions that block.</summary>
    public bool HasOperators { get; private set; }

    /// <summary>Whether the user names further methods.</summary>
    private bool HasAdditional { get; }

    /// <summary>Whether there may be any wait, be it in a lambda.</summary>
    private bool HasWaits { get; }

    public static BlockingSummary Of(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken) =>
        Cache.TryGetValue(compilation, out var summary) ? summary : Cache.GetValue(compilation, one => new BlockingSummary(one, options, cancellationToken));

    /// <summary>By which chain the method blocks; null where it doesn't, or isn't synchronous, or isn't known.</summary>
    public BlockingChain? Of(IMethodSymbol method)
    {
        method = CallLinks.Definition(method);
        return _distances.TryGetValue(method, out var distance) ? Chain(NameOf(method), _functions[method], distance) : null;
    }

    /// <summary>By which chain a lambda blocks, and where its own part of it stands.</summary>
    public (BlockingChain Chain, SyntaxNode Place)? Of(IAnonymousFunctionOperation lambda, CancellationToken cancellationToken)
    {
        if (!Links.IsSynchronous(lambda.Symbol))
            return null;

        var function = BlockingFunction.Read(lambda, isGetter: false, this, cancellationToken);
        if (function.Wait is { } wait)
            return (new(wait.Name, [wait.Place.GetLocation()]), wait.Place);

        foreach (var (callee, place) in function.Calls)
        {
            if (Of(callee) is { } chain)
                return (chain, place);
        }

        return null;
    }

    /// <summary>The functions that the operation calls and that block.</summary>
    public IEnumerable<IMethodSymbol> BlockingCallees(IOperation operation) =>
        CallLinks.MemberOf(operation) is { } member && _names.Contains(member.Name) ? Links.Of(operation).Where(_distances.ContainsKey) : [];

    /// <summary>Whether <c>concurrency.additional_blocking_methods</c> names the method.</summary>
    public bool IsSaidToBlock(IInvocationOperation call) =>
        HasAdditional
        && Links.IsSynchronous(call.TargetMethod)
        && NamedMethods.Include(ConcurrencyOptions.AdditionalBlockingMethods.In(_options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree)), call.TargetMethod);

    /// <summary>As a message names the function.</summary>
    public static string NameOf(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.PropertyGet or MethodKind.PropertySet => method.AssociatedSymbol is IPropertySymbol { IsIndexer: false } property ? property.Name : method.ContainingType.Name + "[]",
        MethodKind.Constructor => "new " + method.ContainingType.Name,
        MethodKind.UserDefinedOperator or MethodKind.Conversion => "an operator of " + method.ContainingType.Name,
        _ => method.Name,
    };

    // The nearest first: those that wait, then those that call them, then those that call these.
    private void Spread(List<FunctionText> functions, HashSet<int> additional, Compilation compilation, CancellationToken cancellationToken)
    {
        var read = new HashSet<FunctionText>();
        var callers = new Dictionary<IMethodSymbol, List<IMethodSymbol>>(SymbolEqualityComparer.Default);
        var waiting = new List<IMethodSymbol>();
        foreach (var function in functions)
        {
            if (function.Names.Count > 0 && (function.Waits.Count > 0 || (additional.Count > 0 && function.Mentions.Any(additional.Contains))))
                Read(function);
        }

        if (waiting.Count == 0)
            return;

        var mentions = new FunctionMentions(functions);
        List<IMethodSymbol> nearest = [.. waiting];
        for (var distance = 1; nearest.Count > 0; distance++)
        {
            waiting.Clear();
            foreach (var function in nearest)
            {
                _distances.Add(function, distance);
                _names.Add(function.AssociatedSymbol?.Name ?? function.Name);
                HasOperators |= function.MethodKind is MethodKind.UserDefinedOperator or MethodKind.Conversion;
            }

            foreach (var function in nearest)
            {
                foreach (var mentioning in mentions.Of(FunctionText.KeyOf(function)))
                    Read(mentioning);
            }

            // A wait that the text doesn't show, as on a collection that another file declares, comes to light on the way.
            nearest = [.. nearest
                .SelectMany(function => callers.TryGetValue(function, out var those) ? those : [])
                .Concat(waiting)
                .Where(caller => !_distances.ContainsKey(caller))
                .Distinct<IMethodSymbol>(SymbolEqualityComparer.Default)];
        }

        void Read(FunctionText text)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!read.Add(text))
                return;

#pragma warning disable RS1030 // What other functions call is the question, whatever is analyzed at the time.
            var model = compilation.GetSemanticModel(text.Member.SyntaxTree);
#pragma warning restore RS1030
            foreach (var function in DeclaredFunctions.In(text.Member, model, cancellationToken))
            {
                if (!Links.IsSynchronous(function) || _functions.ContainsKey(function) || MethodBodies.Of(function, model, cancellationToken) is not { } body)
                    continue;

                var summary = BlockingFunction.Read(body, function.MethodKind == MethodKind.PropertyGet, this, cancellationToken);
                _functions.Add(function, summary);
                if (summary.Wait is not null)
                    waiting.Add(function);
                foreach (var (callee, _) in summary.Calls)
                {
                    if (!callers.TryGetValue(callee, out var those))
                        callers.Add(callee, those = []);
                    those.Add(function);
                }
            }
        }
    }

    private BlockingChain Chain(string name, BlockingFunction function, int distance)
    {
        var names = new List<string> { name };
        var links = ImmutableArray.CreateBuilder<Location>();
        for (var step = 0; step < MaxSteps; step++)
        {
            if (function.Wait is { } wait)
            {
                names.Add(wait.Name);
                links.Add(wait.Place.GetLocation());
                break;
            }

            var (callee, place) = function.Calls.Find(call => _distances.TryGetValue(call.Callee, out var next) && next == distance - 1);
            if (callee is null)
                break;

            names.Add(NameOf(callee));
            links.Add(place.GetLocation());
            function = _functions[callee];
            distance--;
        }

        if (names.Count > MaxNames)
        {
            names.RemoveRange(MaxNames - 2, names.Count - MaxNames + 1);
            names.Insert(MaxNames - 2, "…");
        }

        return new(string.Join(" → ", names), links.ToImmutable());
    }
}
