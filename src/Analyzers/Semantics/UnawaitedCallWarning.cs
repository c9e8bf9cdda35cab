using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Where the compiler reports CS4014 itself: a call (no other expression) whose value is dropped, if its method is
/// async, as far as the compilation sees it, or if the call stands in an async function at a place where it could be
/// awaited.
/// </summary>
internal static class UnawaitedCallWarning
{
    public static bool IsReported(IInvocationOperation call, ISymbol containingSymbol) =>
        call.TargetMethod.IsAsync
        || (AsyncContext.InnermostFunction(call, containingSymbol) is { IsAsync: true } && !IsInLock(call) && !IsUnsafe(call.Syntax));

    private static bool IsInLock(IOperation call)
    {
        for (IOperation child = call, parent = call.Parent!; parent is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation; child = parent, parent = parent.Parent!)
        {
            if (parent is ILockOperation locked && locked.Body == child)
                return true;
        }

        return false;
    }

    private static bool IsUnsafe(SyntaxNode call) => call.Ancestors().Any(static node => node switch
    {
        UnsafeStatementSyntax => true,
        MemberDeclarationSyntax member => member.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        LocalFunctionStatementSyntax function => function.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        _ => false,
    });
}
