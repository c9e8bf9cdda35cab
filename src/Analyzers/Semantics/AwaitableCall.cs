using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A synchronous call in async code in whose place an asynchronous method could be awaited, with the same arguments.</summary>
internal static class AwaitableCall
{
    private static readonly ImmutableHashSet<string> NotWorthAwaiting = ["Cancel", "Close", "CreateDbContext", "Dispose", "GetFieldValue", "IsDBNull", "Run"];

    private static readonly ImmutableHashSet<string> TestingNamespaces = ["FluentAssertions", "NUnit", "Shouldly", "TUnit", "Xunit", "AwesomeAssertions"];

    /// <summary>The name of that method; null where there is none, or none that is worth a word.</summary>
    public static string? SiblingOf(IInvocationOperation call, ISymbol containingSymbol, SiblingNames siblings, KnownSymbols known, CancellationToken cancellationToken)
    {
        var method = call.TargetMethod;
        var name = siblings.Of(method) ?? (DatabaseQuery.IsRunBy(call, known) ? method.Name + "Async" : null);
        return name is not null
            && AsyncContext.InnermostFunction(call, containingSymbol) is { } function
            && AsyncContext.IsAsyncCode(function, known)
            && !IsFine(call, known)
            && call.Syntax is InvocationExpressionSyntax syntax
            && !IsLocked(syntax)
            && !IsChosen(syntax, name)
            && !ExpressionTrees.Contain(call, known)
            && !MockSetup.Contains(call, known)
            && AsyncSibling.Of(syntax, name, call.SemanticModel!, known) is { } sibling
            && (!sibling.IsSequence || AsyncSibling.LoopOver(syntax) is not null)
            && !IsImplementedBy(function, sibling.Method, call)
            && !IsWrapper(sibling.Method, method, cancellationToken)
                ? name
                : null;
    }

    private static bool IsFine(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        return NotWorthAwaiting.Contains(method.Name)
            || method.ReturnType.IsTaskOrValueTask(known)
            || (method.Name is "Add" or "AddRange" && DatabaseQuery.IsOfEntityFramework(method.ContainingType))
            || BlockingPrimitive.Of(call, known) is not null
            // Behind `await WaitForExitAsync()` it waits for the rest of the output.
            || (method.Name is "WaitForExit" && SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Process))
            || BlockingTaskAccess.Of(call, known) is not null
            || (method.Name is "Wait" && ZeroTimeout.IsGiven(call, known))
            || IsOfTesting(method.ContainingType)
            || SynchronousByNature.IsParsing(call)
            || SynchronousByNature.IsUsedBy(call, known);
    }

    private static bool IsOfTesting(INamedTypeSymbol type)
    {
        for (var space = type.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (TestingNamespaces.Contains(space.Name))
                return true;
        }

        return type.Name is "Assert";
    }

    // No await can stand there; that a lock is held meanwhile is a question of its own.
    private static bool IsLocked(SyntaxNode node)
    {
        for (var current = node.Parent; current is not null and not AnonymousFunctionExpressionSyntax and not MemberDeclarationSyntax; current = current.Parent)
        {
            if (current is LockStatementSyntax)
                return true;
        }

        return false;
    }

    // if (isAsync) await ReadAsync(); else Read(): which of the two it is has been asked.
    private static bool IsChosen(SyntaxNode call, string name)
    {
        for (SyntaxNode child = call, current = call.Parent!; current is not null and not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax or AccessorDeclarationSyntax); child = current, current = current.Parent!)
        {
            var (question, other) = current switch
            {
                ConditionalExpressionSyntax choice when child != choice.Condition => (choice.Condition, child == choice.WhenTrue ? choice.WhenFalse : choice.WhenTrue),
                IfStatementSyntax { Else.Statement: var otherwise } choice when child == choice.Statement => (choice.Condition, otherwise),
                ElseClauseSyntax { Parent: IfStatementSyntax choice } => (choice.Condition, choice.Statement),
                _ => default((ExpressionSyntax, SyntaxNode)),
            };
            if (Chooses(question, other, name))
                return true;

            IEnumerable<StatementSyntax> statements = current switch
            {
                BlockSyntax block => block.Statements,
                CompilationUnitSyntax program => program.Members.OfType<GlobalStatementSyntax>().Select(static one => one.Statement),
                _ => [],
            };
            if (statements.Any(statement => statement.Span.End <= child.SpanStart && IsLeftBy(statement, name)))
                return true;
        }

        return false;
    }

    // if (isAsync) { await ReadAsync(); return; }
    private static bool IsLeftBy(StatementSyntax statement, string name) =>
        statement is IfStatementSyntax { Else: null, Statement: var taken } choice
        && taken is ReturnStatementSyntax or BlockSyntax { Statements: [.., ReturnStatementSyntax] }
        && Chooses(choice.Condition, taken, name);

    private static bool Chooses(ExpressionSyntax? question, SyntaxNode taken, string name) =>
        question?.ToString().IndexOf("sync", StringComparison.OrdinalIgnoreCase) >= 0 && taken.DescendantTokens().Any(token => token.ValueText == name);

    // ReadAsync that calls Read is how one is made out of the other, be it an overload of it or in a base class.
    private static bool IsImplementedBy(IMethodSymbol function, IMethodSymbol sibling, IInvocationOperation call)
    {
        for (ISymbol? current = function; current is IMethodSymbol method; current = current.ContainingSymbol)
        {
            if (method.Name == sibling.Name && (call.Instance is null or IInstanceReferenceOperation || SymbolEqualityComparer.Default.Equals(method.OriginalDefinition, sibling.OriginalDefinition)))
                return true;
        }

        return false;
    }

    // A sibling that only calls the synchronous method, or does its work and then hands out a finished task, is no better.
    private static bool IsWrapper(IMethodSymbol sibling, IMethodSymbol method, CancellationToken cancellationToken)
    {
        sibling = (sibling.ReducedFrom ?? sibling).OriginalDefinition;
        if (sibling.DeclaringSyntaxReferences is not [var declaration] || declaration.GetSyntax(cancellationToken) is not { } syntax)
            return false;

        var mayBeFinished = !sibling.IsAsync && !IsStub(syntax);
        foreach (var token in syntax.DescendantTokens())
        {
            if (token.Parent is SimpleNameSyntax && (token.ValueText == method.Name || (mayBeFinished && token.ValueText is "FromResult" or "CompletedTask")))
                return true;
        }

        return false;
    }

    // `=> Task.CompletedTask`, `=> Task.FromResult(1)`: no work is done in it, and what stands there one day will be.
    private static bool IsStub(SyntaxNode function)
    {
        var value = function switch
        {
            MethodDeclarationSyntax { ExpressionBody.Expression: var expression } => expression,
            MethodDeclarationSyntax { Body.Statements: [ReturnStatementSyntax { Expression: { } expression }] } => expression,
            _ => null,
        };
        return value switch
        {
            MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CompletedTask" } => true,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "FromResult" }, ArgumentList.Arguments: [{ Expression: var result }] } =>
                result is LiteralExpressionSyntax or DefaultExpressionSyntax,
            _ => false,
        };
    }
}
