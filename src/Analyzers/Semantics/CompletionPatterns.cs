using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Patterns that say that a task is complete where they matched: <c>t is { IsCompletedSuccessfully: true, Result: var r }</c>,
/// <c>t is { IsCompleted: true } done</c>, the arms and sections of a switch over the task or its status, and the first
/// parameter of a method that is a continuation by name.
/// </summary>
internal static class CompletionPatterns
{
    public static bool Say(IOperation blocking, IOperation task, KnownSymbols known)
    {
        task = CompletionValues.Strip(task, known);
        return task switch
        {
            IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.PatternInput } =>
                blocking.Parent is IPropertySubpatternOperation { Parent: IRecursivePatternOperation pattern }
                && pattern.PropertySubpatterns.Any(earlier => earlier.Syntax.SpanStart < blocking.Syntax.SpanStart && CompletionGuards.IsCompletion(earlier)),
            ILocalReferenceOperation { Local: var local } when Declaring(local) is { } pattern =>
                task.SemanticModel?.GetOperation(pattern) is IRecursivePatternOperation recursive && recursive.PropertySubpatterns.Any(CompletionGuards.IsCompletion),
            IParameterReferenceOperation { Parameter: var parameter } when IsAntecedent(parameter) => true,
            _ => IsInSwitch(blocking, task, known),
        };
    }

    // task.ContinueWith(OnDone), anywhere in the type.
    private static bool IsAntecedent(IParameterSymbol parameter) =>
        parameter is { Ordinal: 0, ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Ordinary or MethodKind.LocalFunction } method }
        && method.ContainingType.DeclaringSyntaxReferences.Any(type => type.GetSyntax().DescendantNodes().Any(node =>
            node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ContinueWith" }, ArgumentList.Arguments: [{ Expression: var continuation }, ..] }
            && (continuation as SimpleNameSyntax ?? (continuation as MemberAccessExpressionSyntax)?.Name)?.Identifier.ValueText == method.Name));

    private static RecursivePatternSyntax? Declaring(ILocalSymbol local) =>
        local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is SingleVariableDesignationSyntax { Parent: RecursivePatternSyntax pattern } ? pattern : null;

    private static bool IsInSwitch(IOperation blocking, IOperation task, KnownSymbols known)
    {
        var paths = new TaskPath(known);
        if (paths.Of(task) is not { } path)
            return false;

        for (var current = blocking.Parent; current is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation; current = current.Parent)
        {
            var says = current switch
            {
                ISwitchExpressionArmOperation { Parent: ISwitchExpressionOperation choice } arm => Names(CompletionGuards.Matched(choice.Value, arm.Pattern, known)),
                ISwitchCaseOperation { Parent: ISwitchOperation choice } section => section.Clauses.All(clause => clause switch
                {
                    IPatternCaseClauseOperation { Pattern: var pattern } => Names(CompletionGuards.Matched(choice.Value, pattern, known)),
                    ISingleValueCaseClauseOperation { Value: var value } => Names(CompletionGuards.Equal(choice.Value, value, known)),
                    _ => false,
                }),
                _ => false,
            };
            if (says && !current.Descendants().Any(one => one is IAssignmentOperation { Target: var target } && paths.Of(target) is { } written && TaskPath.IsWithin(path, written)))
                return true;
        }

        return false;

        bool Names(IEnumerable<IOperation> complete) => complete.Any(one => paths.Of(CompletionValues.Strip(one, known)) == path);
    }
}
