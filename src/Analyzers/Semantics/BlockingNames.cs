using ConcurrencyAnalyzers.Options;
using Microsoft.CodeAnalysis.CSharp.Syntax;

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
        var additional = new HashSet<int>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var name in ConcurrencyOptions.AdditionalBlockingMethods.In(options.AnalyzerConfigOptionsProvider.GetOptions(tree)))
                additional.Add(FunctionText.MethodKey(FunctionText.Key(name.Substring(name.LastIndexOf('.') + 1))));

            functions.AddRange(FunctionText.Of(tree));
        }

        HasAdditional = additional.Count > 0;
        _names.UnionWith(additional);
        Spread(functions, additional, compilation, cancellationToken);
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

    public bool Include(IMethodSymbol method) => Include(KeyOf(method), method);

    public bool IncludeProperty(IPropertySymbol property) => Include(FunctionText.Key(property.IsIndexer ? property.ContainingType.Name : property.Name), property);

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
        _ => FunctionText.MethodKey(FunctionText.Key(method.Name)),
    };

    private bool Include(int key, ISymbol member) => _names.Contains(key) || (member.IsOverride && _names.Contains(FunctionText.BaseKey(key)));

    private void Spread(List<FunctionText> functions, HashSet<int> additional, Compilation compilation, CancellationToken cancellationToken)
    {
        var pending = new Queue<FunctionText>();
        foreach (var function in functions)
        {
            HasWaits |= function.Waits.Count > 0;
            if (function.Names.Count > 0 && (IsWaiting(function, compilation, cancellationToken) || (additional.Count > 0 && function.Mentions.Any(additional.Contains))))
                pending.Enqueue(function);
        }

        if (pending.Count == 0)
            return;

        var mentions = new FunctionMentions(functions);
        while (pending.Count > 0)
        {
            var function = pending.Dequeue();
            if (!_reached.Add(function))
                continue;

            HasOperators |= function.IsOperator;
            foreach (var name in function.Names)
            {
                if (!_names.Add(name))
                    continue;

                foreach (var one in mentions.Of(name))
                    pending.Enqueue(one);
            }
        }
    }

    // A false beginning would spread as far as a true one, so each is bound: few functions mention a wait.
    private static bool IsWaiting(FunctionText function, Compilation compilation, CancellationToken cancellationToken)
    {
        if (function.Waits.Count == 0)
            return false;

#pragma warning disable RS1030 // The compiler keeps no model of other files for us.
        var model = compilation.GetSemanticModel(function.Waits[0].SyntaxTree);
#pragma warning restore RS1030
        var known = KnownSymbols.Of(compilation);
        foreach (var name in function.Waits)
        {
            if (OperationOf(name, model, cancellationToken) is { } operation && BlockingFunction.OwnWaitOf(operation, known) is not null && MayRunWithItsFunction(operation, known))
                return true;
        }

        return false;
    }

    // `x.Result`, `x?.Wait()`, `Parallel.For(…)`, `x is { Result: 1 }`: what the name is a part of.
    private static IOperation? OperationOf(SimpleNameSyntax name, SemanticModel model, CancellationToken cancellationToken)
    {
        for (SyntaxNode? node = name; node is ExpressionSyntax or NameColonSyntax or SubpatternSyntax; node = node.Parent)
        {
            if (model.GetOperation(node, cancellationToken) is { } operation)
                return operation is IPropertySubpatternOperation pattern ? pattern.Member : operation;
        }

        return null;
    }

    private static bool MayRunWithItsFunction(IOperation operation, KnownSymbols known)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation lambda when AsyncContext.IsAsyncCode(lambda.Symbol, known) || !IsRunInPlaceOrKept(lambda, known):
                    return false;
                case ILocalFunctionOperation function:
                    return !AsyncContext.IsAsyncCode(function.Symbol, known);
            }
        }

        return true;
    }

    // One kept in a local may be called from there.
    private static bool IsRunInPlaceOrKept(IAnonymousFunctionOperation lambda, KnownSymbols known)
    {
        if (lambda.Parent is not IDelegateCreationOperation creation)
            return false;

        var value = creation.Parent;
        while (value is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        return value is IVariableInitializerOperation or ISimpleAssignmentOperation { Target: ILocalReferenceOperation } || InPlaceDelegate.Is(creation, known);
    }
}
