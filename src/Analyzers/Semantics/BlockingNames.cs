using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Options;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// The names of the compilation's functions that may block, themselves or through others, as far as their text tells:
/// a function that mentions neither a wait nor the name of one that may block need not be bound at all. Too many names
/// cost time, and nothing else. Each file is read once, whatever compilations it is a part of.
/// </summary>
internal sealed class BlockingNames
{
    private static readonly ConditionalWeakTable<SyntaxTree, List<Function>> Files = new();

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public BlockingNames(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken)
    {
        var functions = new List<Function>();
        var declared = new HashSet<string>(StringComparer.Ordinal);
        var additional = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var name in ConcurrencyOptions.AdditionalBlockingMethods.In(options.AnalyzerConfigOptionsProvider.GetOptions(tree)))
                additional.Add(name.Substring(name.LastIndexOf('.') + 1));

            foreach (var function in Files.GetValue(tree, Read))
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

    /// <summary>Whether the user names further methods.</summary>
    public bool HasAdditional { get; }

    /// <summary>Whether there is an operator among the functions.</summary>
    public bool HasOperators { get; private set; }

    /// <summary>Whether there is any wait, be it in a lambda.</summary>
    public bool HasWaits { get; private set; }

    public bool Include(IMethodSymbol method) => _names.Contains(NameOf(method));

    public bool IncludeProperty(IPropertySymbol property) => _names.Contains(property.IsIndexer ? property.ContainingType.Name : property.Name);

    /// <summary>What code that calls the method must mention: for constructors, indexers and operators, their type.</summary>
    private static string NameOf(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.PropertyGet or MethodKind.PropertySet when method.AssociatedSymbol is IPropertySymbol { IsIndexer: false } property => property.Name,
        MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.Constructor or MethodKind.UserDefinedOperator or MethodKind.Conversion => method.ContainingType.Name,
        _ => method.Name,
    };

    private void Spread(List<Function> functions, HashSet<string> declared, HashSet<string> additional, Compilation compilation, CancellationToken cancellationToken)
    {
        var pending = new Queue<Function>();
        var mentionedIn = new Dictionary<string, List<Function>>(StringComparer.Ordinal);
        foreach (var function in functions)
        {
            var waits = IsWaiting(function, compilation, cancellationToken);
            HasWaits |= waits;
            if (waits || (additional.Count > 0 && function.Mentions.Overlaps(additional)))
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

    // Wait and Result are names of many things: a false beginning would spread as far as a true one, so it is bound.
    private static bool IsWaiting(Function function, Compilation compilation, CancellationToken cancellationToken)
    {
        if (function.Waits.Count == 0)
            return false;

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

    private static List<Function> Read(SyntaxTree tree)
    {
        var functions = new List<Function>();
        var pending = new Stack<SyntaxNode>();
        pending.Push(tree.GetRoot());
        var hasCollection = false;
        while (pending.Count > 0)
        {
            foreach (var child in pending.Pop().ChildNodes())
            {
                switch (child)
                {
                    case BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax:
                        pending.Push(child);
                        break;
                    case MemberDeclarationSyntax member:
                        functions.Add(Function.Of(member, ref hasCollection));
                        break;
                }
            }
        }

        // Take and Add are names of many things; in a file that speaks of no BlockingCollection they are others.
        if (hasCollection)
        {
            foreach (var function in functions)
                function.Waits.AddRange(function.Takes);
        }

        functions.RemoveAll(static function => function.Waits.Count == 0 && function.Names.Count == 0);
        return functions;
    }

    /// <summary>A member with the functions inside it, which share its mentions.</summary>
    private sealed class Function
    {
        public List<string> Names { get; } = [];

        public HashSet<string> Mentions { get; } = new(StringComparer.Ordinal);

        public bool IsOperator { get; private set; }

        /// <summary>The names in it that may be those of waits.</summary>
        public List<SimpleNameSyntax> Waits { get; } = [];

        /// <summary>And of waits for an element, if there is a BlockingCollection in the file.</summary>
        public List<SimpleNameSyntax> Takes { get; } = [];

        public static Function Of(MemberDeclarationSyntax member, ref bool hasCollection)
        {
            var function = new Function { IsOperator = member is OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax };
            if (NameOf(member) is { } name)
                function.Names.Add(name);

            foreach (var token in member.DescendantTokens())
            {
                if (!token.IsKind(SyntaxKind.IdentifierToken))
                    continue;

                var text = token.ValueText;
                if (token.Parent is LocalFunctionStatementSyntax local && CanBlock(local.Modifiers, local.ReturnType))
                    function.Names.Add(text);

                if ((function.Mentions.Add(text) || IsAmbiguous(text)) && token.Parent is SimpleNameSyntax mention)
                {
                    if (IsWait(text, mention))
                        function.Waits.Add(mention);
                    else if (text is "Take" or "TryTake" or "Add" && CallOf(mention) is not null)
                        function.Takes.Add(mention);
                    hasCollection |= text == "BlockingCollection";
                }
            }

            return function;
        }

        // Such a name may be something else where it stands first, and a wait where it stands again.
        private static bool IsAmbiguous(string name) => name is "Result" or "Join" or "Wait" or "WaitAll" or "WaitAny" or "GetResult" or "RunSynchronously" or "Take" or "TryTake" or "Add";

        private static bool IsWait(string name, SimpleNameSyntax mention) => name switch
        {
            "Wait" or "WaitAll" or "WaitAny" or "WaitOne" or "GetResult" or "RunSynchronously" or "SignalAndWait" or "WaitForExit" or "GetConsumingEnumerable" => CallOf(mention) is not null,
            "Sleep" => true,
            "Parallel" => mention.Parent is MemberAccessExpressionSyntax,
            "Result" => mention.Parent switch
            {
                MemberAccessExpressionSyntax access => access.Name == mention && !(access.Parent is AssignmentExpressionSyntax assignment && assignment.Left == access),
                MemberBindingExpressionSyntax or NameColonSyntax => true,
                _ => false,
            },
            "Join" => CallOf(mention) is { ArgumentList.Arguments.Count: <= 1, Expression: not MemberAccessExpressionSyntax { Expression: PredefinedTypeSyntax } },
            _ => false,
        };

        private static InvocationExpressionSyntax? CallOf(SimpleNameSyntax name) => name.Parent switch
        {
            MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access when access.Name == name => call,
            MemberBindingExpressionSyntax { Parent: InvocationExpressionSyntax call } => call,
            _ => null,
        };

        // What is asynchronous, or has no single target, is no link of a chain.
        private static string? NameOf(MemberDeclarationSyntax member) => member switch
        {
            MethodDeclarationSyntax method => CanBlock(method.Modifiers, method.ReturnType) && (method.Body ?? (SyntaxNode?)method.ExpressionBody) is not null ? method.Identifier.ValueText : null,
            PropertyDeclarationSyntax property => CanBlock(property.Modifiers, property.Type) ? property.Identifier.ValueText : null,
            ConstructorDeclarationSyntax constructor => constructor.Modifiers.Any(SyntaxKind.StaticKeyword) ? null : constructor.Identifier.ValueText,
            OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax or IndexerDeclarationSyntax => (member.Parent as TypeDeclarationSyntax)?.Identifier.ValueText,
            _ => null,
        };

        private static bool CanBlock(SyntaxTokenList modifiers, TypeSyntax type)
        {
            foreach (var modifier in modifiers)
            {
                if (modifier.Kind() is SyntaxKind.AsyncKeyword or SyntaxKind.AbstractKeyword or SyntaxKind.ExternKeyword or SyntaxKind.VirtualKeyword)
                    return false;
            }

            return type is not SimpleNameSyntax { Identifier.ValueText: "Task" or "ValueTask" or "IAsyncEnumerable" };
        }
    }
}
