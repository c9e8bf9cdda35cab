using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A member with the functions inside it, as far as its characters tell: the names that it has, those that it mentions,
/// and where it may wait. Words of comments and strings count as mentions, too: they cost time, and nothing else. Each
/// file is read once, whatever compilations it is a part of.
/// </summary>
internal sealed class FunctionText
{
    private static readonly ConditionalWeakTable<SyntaxTree, FunctionText[]> Files = new();

    private readonly List<SimpleNameSyntax> _takes = [];

    private FunctionText(MemberDeclarationSyntax member) => Member = member;

    /// <summary>The member that it is the text of.</summary>
    public MemberDeclarationSyntax Member { get; }

    /// <summary>The keys of the names by which others may call it; none where it can be no link of a chain.</summary>
    public List<int> Names { get; } = [];

    /// <summary>The keys of the names in its text, each once.</summary>
    public int[] Mentions { get; private set; } = [];

    /// <summary>The names in it that may be those of waits.</summary>
    public List<SimpleNameSyntax> Waits { get; } = [];

    /// <summary>The functions of a file that have a name or may wait.</summary>
    public static FunctionText[] Of(SyntaxTree tree) => Files.GetValue(tree, Read);

    /// <summary>What code that calls the method must mention: for indexers and operators, their type.</summary>
    public static int KeyOf(IMethodSymbol method)
    {
        var key = method.MethodKind switch
        {
            MethodKind.PropertyGet or MethodKind.PropertySet when method.AssociatedSymbol is IPropertySymbol { IsIndexer: false } property => Key(property.Name),
            MethodKind.Constructor => ConstructorKey(Key(method.ContainingType.Name)),
            MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.UserDefinedOperator or MethodKind.Conversion => Key(method.ContainingType.Name),
            _ => MethodKey(Key(method.Name)),
        };
        return (method.IsVirtual || method.IsOverride) && !method.IsSealed && !method.ContainingType.IsSealed ? BaseKey(key) : key;
    }

    /// <summary>Stands for a name. Two names may share a key, which makes them one.</summary>
    public static int Key(string name)
    {
        var key = WordKey.Start;
        foreach (var character in name)
            key = WordKey.Add(key, character);
        return key;
    }

    /// <summary>Stands for the methods of that name.</summary>
    public static int MethodKey(int nameKey) => unchecked((nameKey * 31) + 3);

    /// <summary>Stands for the constructors of a type of that name.</summary>
    public static int ConstructorKey(int typeKey) => unchecked((typeKey * 31) + 1);

    /// <summary>Stands for a member that is called as that of the base: one that others may override is no link of a chain by any other call.</summary>
    public static int BaseKey(int nameKey) => unchecked((nameKey * 31) + 2);

    private static FunctionText[] Read(SyntaxTree tree)
    {
        var root = tree.GetRoot();
        var text = tree.GetText().ToString();
        var reader = new FunctionTextReader(root, text);
        var functions = new List<FunctionText>();
        foreach (var member in MembersOf(root))
        {
            if (HasCode(member))
                functions.Add(Of(member, reader));
        }

        // Take and Add are names of many things; in a file that speaks of no BlockingCollection they are others.
        if (functions.Exists(static function => function._takes.Count > 0) && text.IndexOf("BlockingCollection", StringComparison.Ordinal) >= 0)
        {
            foreach (var function in functions)
                function.Waits.AddRange(function._takes);
        }

        functions.RemoveAll(static function => function.Waits.Count == 0 && function.Names.Count == 0);
        return [.. functions];
    }

    private static FunctionText Of(MemberDeclarationSyntax member, FunctionTextReader reader)
    {
        var function = new FunctionText(member);
        reader.Read(member.SpanStart, member.Span.End);
        if (NameOf(member) is { } name && !reader.Iterators.Contains(member))
            AddNames(function.Names, name, member);

        foreach (var candidate in reader.LocalFunctions)
        {
            if (CanBlock(candidate.Modifiers, candidate.ReturnType) && !reader.Iterators.Contains(candidate))
                function.Names.Add(MethodKey(Key(candidate.Identifier.ValueText)));
        }

        // `: base(…)` names no type.
        if (member is ConstructorDeclarationSyntax { Initializer: not null, Parent: TypeDeclarationSyntax type })
        {
            reader.Mentions.Add(ConstructorKey(Key(type.Identifier.ValueText)));
            foreach (var baseType in type.BaseList?.Types ?? default)
                reader.Mentions.Add(ConstructorKey(Key((baseType.Type as SimpleNameSyntax ?? (baseType.Type as QualifiedNameSyntax)?.Right)?.Identifier.ValueText ?? "")));
        }

        function.Waits.AddRange(reader.Waits);
        function._takes.AddRange(reader.Takes);
        if (function.Names.Count > 0)
            function.Mentions = [.. reader.Mentions];
        return function;
    }

    private static IEnumerable<MemberDeclarationSyntax> MembersOf(SyntaxNode root)
    {
        var pending = new Stack<SyntaxList<MemberDeclarationSyntax>>();
        pending.Push(root is CompilationUnitSyntax unit ? unit.Members : default);
        while (pending.Count > 0)
        {
            foreach (var member in pending.Pop())
            {
                switch (member)
                {
                    case BaseNamespaceDeclarationSyntax space:
                        pending.Push(space.Members);
                        break;
                    case TypeDeclarationSyntax type:
                        pending.Push(type.Members);
                        break;
                    default:
                        yield return member;
                        break;
                }
            }
        }
    }

    private static bool HasCode(MemberDeclarationSyntax member) => member switch
    {
        BaseMethodDeclarationSyntax method => method.Body is not null || method.ExpressionBody is not null,
        BasePropertyDeclarationSyntax property => HasBody(property) || property is PropertyDeclarationSyntax { Initializer: not null },
        BaseFieldDeclarationSyntax field => field.Declaration.Variables.Any(static variable => variable.Initializer is not null),
        EnumDeclarationSyntax or DelegateDeclarationSyntax => false,
        _ => true,
    };

    private static bool HasBody(BasePropertyDeclarationSyntax property) =>
        property is PropertyDeclarationSyntax { ExpressionBody: not null } or IndexerDeclarationSyntax { ExpressionBody: not null }
        || (property.AccessorList is { Accessors: var accessors } && accessors.Any(static accessor => accessor.Body is not null || accessor.ExpressionBody is not null));

    // What is asynchronous is no link of a chain. Operators and indexers go by their type.
    private static int? NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax { ExplicitInterfaceSpecifier: null } method when CanBlock(method.Modifiers, method.ReturnType) => MethodKey(Key(method.Identifier.ValueText)),
        PropertyDeclarationSyntax { ExplicitInterfaceSpecifier: null } property when HasBody(property) && CanBlock(property.Modifiers, property.Type) => Key(property.Identifier.ValueText),
        ConstructorDeclarationSyntax constructor => constructor.Modifiers.Any(SyntaxKind.StaticKeyword) ? null : ConstructorKey(Key(constructor.Identifier.ValueText)),
        IndexerDeclarationSyntax indexer when !HasBody(indexer) => null,
        OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax or IndexerDeclarationSyntax => member.Parent is TypeDeclarationSyntax type ? Key(type.Identifier.ValueText) : null,
        _ => null,
    };

    // What may be overridden is a link by `base.` alone, unless its type is sealed, perhaps in another part.
    private static void AddNames(List<int> names, int key, MemberDeclarationSyntax member)
    {
        var isOpen = member.Modifiers.Any(static modifier => modifier.Kind() is SyntaxKind.VirtualKeyword or SyntaxKind.OverrideKeyword);
        if (isOpen)
            names.Add(BaseKey(key));
        if (!isOpen || member.Modifiers.Any(SyntaxKind.SealedKeyword) || member.Parent is not TypeDeclarationSyntax type
            || type.Modifiers.Any(static modifier => modifier.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.PartialKeyword))
        {
            names.Add(key);
        }
    }

    private static bool CanBlock(SyntaxTokenList modifiers, TypeSyntax type)
    {
        foreach (var modifier in modifiers)
        {
            if (modifier.Kind() is SyntaxKind.AsyncKeyword or SyntaxKind.AbstractKeyword or SyntaxKind.ExternKeyword)
                return false;
        }

        return type is not SimpleNameSyntax { Identifier.ValueText: "Task" or "ValueTask" or "IAsyncEnumerable" };
    }
}
