using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// The names of the compilation's functions that may block, themselves or through others, as far as their text tells:
/// a function that mentions neither a wait nor the name of one that may block need not be bound at all. Too many names
/// cost time, and nothing else.
/// </summary>
internal sealed class BlockingNames
{
    private readonly HashSet<int> _names = [];
    private readonly HashSet<FunctionText> _reached = [];

    public BlockingNames(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken)
    {
        var functions = new List<FunctionText>();
        var declared = new HashSet<int>();
        var additional = new HashSet<int>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var name in ConcurrencyOptions.AdditionalBlockingMethods.In(options.AnalyzerConfigOptionsProvider.GetOptions(tree)))
                additional.Add(FunctionText.Key(name.Substring(name.LastIndexOf('.') + 1)));

            foreach (var function in FunctionText.Of(tree))
            {
                functions.Add(function);
                declared.UnionWith(function.Names);
            }
        }

        HasAdditional = additional.Count > 0;
        _names.UnionWith(additional);
        Spread(functions, declared, additional, compilation, cancellationToken);
    }

    /// <summary>Whether no function blocks, and none is said to.</summary>
    public bool IsEmpty => _names.Count == 0 && !HasWaits;

    /// <summary>Whether no function that can be called blocks: a lambda still may.</summary>
    public bool IsEmptyButForLambdas => _names.Count == 0;

    /// <summary>Whether the user names further methods.</summary>
    public bool HasAdditional { get; }

    /// <summary>Whether there is an operator among the functions.</summary>
    public bool HasOperators { get; private set; }

    /// <summary>Whether there may be any wait, be it in a lambda.</summary>
    public bool HasWaits { get; private set; }

    public bool Include(IMethodSymbol method) => _names.Contains(KeyOf(method));

    public bool IncludeProperty(IPropertySymbol property) => _names.Contains(FunctionText.Key(property.IsIndexer ? property.ContainingType.Name : property.Name));

    /// <summary>Whether that very function may block, and not only another of its name.</summary>
    public bool IncludeBody(IMethodSymbol method) =>
        method.DeclaringSyntaxReferences is not [var declaration]
        || FunctionText.At(declaration.SyntaxTree, declaration.Span.Start) is not { } function
        || _reached.Contains(function);

    /// <summary>What code that calls the method must mention: for indexers and operators, their type.</summary>
    private static int KeyOf(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.PropertyGet or MethodKind.PropertySet when method.AssociatedSymbol is IPropertySymbol { IsIndexer: false } property => FunctionText.Key(property.Name),
        MethodKind.Constructor => FunctionText.ConstructorKey(FunctionText.Key(method.ContainingType.Name)),
        MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.UserDefinedOperator or MethodKind.Conversion => FunctionText.Key(method.ContainingType.Name),
        _ => FunctionText.Key(method.Name),
    };

    private void Spread(List<FunctionText> functions, HashSet<int> declared, HashSet<int> additional, Compilation compilation, CancellationToken cancellationToken)
    {
        var pending = new Queue<FunctionText>();
        var mentionedIn = new Dictionary<int, List<FunctionText>>();
        foreach (var function in functions)
        {
            HasWaits |= function.Waits.Count > 0;
            if (function.Names.Count == 0)
                continue;

            if (IsWaiting(function, compilation, cancellationToken) || (additional.Count > 0 && function.Mentions.Any(additional.Contains)))
            {
                pending.Enqueue(function);
                continue;
            }

            foreach (var name in function.Mentions)
            {
                if (!declared.Contains(name))
                    continue;

                if (!mentionedIn.TryGetValue(name, out var those))
                    mentionedIn.Add(name, those = []);
                those.Add(function);
            }
        }

        while (pending.Count > 0)
        {
            var function = pending.Dequeue();
            if (!_reached.Add(function))
                continue;

            HasOperators |= function.IsOperator;
            foreach (var name in function.Names)
            {
                if (!_names.Add(name) || !mentionedIn.TryGetValue(name, out var those))
                    continue;

                foreach (var one in those)
                    pending.Enqueue(one);
            }
        }
    }

    // Result and Add are names of many things: a false beginning would spread as far as a true one, so it is bound. What
    // else is called like a wait nearly always is one.
    private static bool IsWaiting(FunctionText function, Compilation compilation, CancellationToken cancellationToken)
    {
        if (function.Waits.Count == 0)
            return false;

        foreach (var name in function.Waits)
        {
            if (name.Identifier.ValueText is not ("Result" or "Join" or "Take" or "TryTake" or "Add" or "Parallel"))
                return true;
        }

#pragma warning disable RS1030 // Few functions mention a wait; the compiler keeps no model of other files for us.
        var model = compilation.GetSemanticModel(function.Waits[0].SyntaxTree);
#pragma warning restore RS1030
        foreach (var name in function.Waits)
        {
            if (model.GetSymbolInfo(name, cancellationToken).Symbol is { ContainingNamespace: { Name: "Threading" or "Tasks" or "CompilerServices" or "Diagnostics" or "Concurrent" } })
                return true;
        }

        return false;
    }
}
