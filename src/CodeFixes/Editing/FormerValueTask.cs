using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>What is done with a ValueTask, once there is a Task in its place.</summary>
internal static class FormerValueTask
{
    private static readonly ImmutableHashSet<string> Same = ["IsCompleted", "IsCompletedSuccessfully", "IsFaulted", "IsCanceled", "ConfigureAwait", "GetAwaiter"];

    /// <summary><c>FAsync().AsTask()</c></summary>
    public static InvocationExpressionSyntax AsTask(ExpressionSyntax task) => Call(task, "AsTask");

    public static InvocationExpressionSyntax Call(ExpressionSyntax target, string method) => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, AwaitInsertion.Parenthesize(target.WithoutTrivia()), SyntaxFactory.IdentifierName(method)));

    public static INamedTypeSymbol TaskType(ITypeSymbol valueTask, KnownSymbols known) =>
        valueTask.TaskResult(known) is { } result ? known.TaskOfT!.Construct(result) : known.Task!;

    /// <summary>Makes the mention mean the same of the task; false where that isn't known of it, and it stays.</summary>
    public static bool TryRewrite(SyntaxEditor editor, IOperation mention, ExpressionSyntax task, ITypeSymbol valueTask)
    {
        var whole = AwaitedValue.Whole(mention);
        switch (whole.Parent)
        {
            case INameOfOperation:
                return true;
            case IAwaitOperation:
                Replace(mention.Syntax, task);
                return true;
            case IInvocationOperation { TargetMethod.Name: "AsTask" or "Preserve" } call when call.Instance == whole:
                Replace(call.Syntax, task);
                return call.TargetMethod.Name == "AsTask";
            case IInvocationOperation { TargetMethod.Name: var name } call when call.Instance == whole && Same.Contains(name):
            case IPropertyReferenceOperation { Property.Name: var property } access when access.Instance == whole && Same.Contains(property):
                Replace(mention.Syntax, task);
                return true;
            case IPropertyReferenceOperation { Property.Name: "Result" } access when access.Instance == whole:
                // Task.Result would wrap the exception.
                Replace(access.Syntax, Call(Call(task, "GetAwaiter"), "GetResult"));
                return true;
            case IReturnOperation:
                var generator = editor.Generator;
                Replace(mention.Syntax, (ExpressionSyntax)generator.ObjectCreationExpression(generator.ImportedType(valueTask), task.WithoutTrivia()));
                return true;
            default:
                return false;
        }

        void Replace(SyntaxNode old, ExpressionSyntax replacement)
        {
            if (old != replacement)
                editor.ReplaceNode(old, replacement.WithTriviaFrom(old));
        }
    }
}
