using System.Composition;
using ConcurrencyAnalyzers.Editing;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Locks on a new private object instead, wherever the type locks on the old one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC507UnsafeLockObjectCodeFix)), Shared]
public sealed class CONC507UnsafeLockObjectCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnsafeLockObject];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } node || FieldIntroduction.TypeAround(node) is not { } declaration)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetDeclaredSymbol(declaration, context.CancellationToken) is not { DeclaringSyntaxReferences.Length: 1 } type
            || LockedObject.Find(node, declaration, type, model, context.CancellationToken) is not { } locked)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var lockType = known.Lock is { } modern && locked.IsOnlyInLockStatements && ((CSharpParseOptions)root.SyntaxTree.Options).LanguageVersion >= LanguageVersion.CSharp13 ? modern : model.Compilation.ObjectType;
        var name = FieldName.For("lock", declaration, type, locked.IsStatic);
        if (name[0] == '@')
            name = FieldName.For("gate", declaration, type, locked.IsStatic);

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Lock on a private '{name}' instead, in the whole type", RuleIds.UnsafeLockObject, _ => Task.FromResult(Replace(document, root, declaration, locked, lockType, name))),
            context.Diagnostics);
    }

    private static Document Replace(Document document, SyntaxNode root, TypeDeclarationSyntax declaration, LockedObject locked, ITypeSymbol lockType, string name)
    {
        var edited = declaration.ReplaceNodes(locked.Mentions, (mention, _) => SyntaxFactory.IdentifierName(name).WithTriviaFrom(mention));
        var generator = SyntaxGenerator.GetGenerator(document);
        var written = (TypeSyntax)(lockType.SpecialType == SpecialType.System_Object ? generator.TypeExpression(SpecialType.System_Object) : generator.ImportedType(lockType));
        var creation = SyntaxFactory.ObjectCreationExpression(SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), written.WithoutTrivia(), SyntaxFactory.ArgumentList(), null);
        return document.WithSyntaxRoot(root.ReplaceNode(
            declaration,
            FieldIntroduction.Add(edited, declaration, FieldIntroduction.Field(name, written, creation, locked.IsStatic), "", [], null)));
    }

    /// <summary>An object that a type locks on, and every place where it does.</summary>
    private sealed class LockedObject
    {
        public List<ExpressionSyntax> Mentions { get; } = [];

        public bool IsStatic { get; private set; }

        public bool IsOnlyInLockStatements { get; private set; } = true;

        public static LockedObject? Find(SyntaxNode finding, TypeDeclarationSyntax declaration, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken)
        {
            var target = finding switch
            {
                LockStatementSyntax statement => statement.Expression,
                InvocationExpressionSyntax call => Target(call, model, cancellationToken),
                _ => null,
            };
            if (target is null || Identity(target, type, model, cancellationToken) is not { } identity || declaration.ContainsDirectives || IsSynchronized(declaration))
                return null;

            var found = new LockedObject { IsStatic = identity is not (IInstanceReferenceOperation or IFieldReferenceOperation { Field.IsStatic: false }) };
            if (!found.IsStatic && declaration is StructDeclarationSyntax or RecordDeclarationSyntax)
                return null;

            foreach (var node in declaration.DescendantNodes(node => node == declaration || node is not BaseTypeDeclarationSyntax))
            {
                var mention = node switch
                {
                    LockStatementSyntax statement => statement.Expression,
                    InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax } call => Target(call, model, cancellationToken),
                    _ => null,
                };
                if (mention is null || Identity(mention, type, model, cancellationToken) is not { } other || !IsSame(identity, other))
                    continue;

                found.Mentions.Add(mention);
                found.IsOnlyInLockStatements &= node is LockStatementSyntax;
            }

            return found;
        }

        private static ExpressionSyntax? Target(InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellationToken) =>
            model.GetOperation(call, cancellationToken) is IInvocationOperation { TargetMethod: { ContainingType: { Name: "Monitor", ContainingNamespace.Name: "Threading" } } } operation
                ? operation.Arguments.FirstOrDefault(static argument => argument.Parameter?.Ordinal == 0)?.Value.Syntax as ExpressionSyntax
                : null;

        // What only this type can have used as its lock: its instance, itself, a text, a private field.
        private static IOperation? Identity(ExpressionSyntax target, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken)
        {
            var operation = model.GetOperation(target, cancellationToken);
            return operation is null ? null : Semantics.AssignedValues.Unwrap(operation) switch
            {
                IInstanceReferenceOperation { Type: INamedTypeSymbol own } instance when SymbolEqualityComparer.Default.Equals(own, type) => instance,
                ITypeOfOperation { TypeOperand: INamedTypeSymbol operand } typeOf when SymbolEqualityComparer.Default.Equals(operand.OriginalDefinition, type) => typeOf,
                ILiteralOperation { Type.SpecialType: SpecialType.System_String } literal => literal,
                IFieldReferenceOperation { Field: { DeclaredAccessibility: Accessibility.Private, IsConst: false, IsReadOnly: false } field, Instance: null or IInstanceReferenceOperation } reference when SymbolEqualityComparer.Default.Equals(field.ContainingType, type) => reference,
                _ => null,
            };
        }

        private static bool IsSame(IOperation one, IOperation other) => (one, other) switch
        {
            (IInstanceReferenceOperation, IInstanceReferenceOperation) => true,
            (ITypeOfOperation, ITypeOfOperation) => true,
            (ILiteralOperation a, ILiteralOperation b) => Equals(a.ConstantValue.Value, b.ConstantValue.Value),
            (IFieldReferenceOperation a, IFieldReferenceOperation b) => SymbolEqualityComparer.Default.Equals(a.Field, b.Field),
            _ => false,
        };

        // [MethodImpl(MethodImplOptions.Synchronized)] locks on the instance or the type, and nobody sees it.
        private static bool IsSynchronized(TypeDeclarationSyntax declaration) =>
            declaration.DescendantNodes().Any(static node => node is IdentifierNameSyntax { Identifier.ValueText: "Synchronized" });
    }
}
