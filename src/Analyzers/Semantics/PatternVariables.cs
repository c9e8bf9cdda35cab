using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Locals that a pattern declares: another name of what was matched.</summary>
internal static class PatternVariables
{
    /// <summary>The value that the pattern was matched with, where the local stands for the whole of it; null otherwise.</summary>
    public static IOperation? ValueOf(ILocalSymbol local, SemanticModel? model)
    {
        if (local.DeclaringSyntaxReferences is not [var reference] || reference.GetSyntax() is not SingleVariableDesignationSyntax { Parent: PatternSyntax declaring })
            return null;

        SyntaxNode pattern = declaring;
        while (pattern.Parent is PatternSyntax outer and (BinaryPatternSyntax or ParenthesizedPatternSyntax or UnaryPatternSyntax))
            pattern = outer;

        var value = pattern.Parent switch
        {
            IsPatternExpressionSyntax matched => matched.Expression,
            CasePatternSwitchLabelSyntax { Parent.Parent: SwitchStatementSyntax choice } => choice.Expression,
            SwitchExpressionArmSyntax { Parent: SwitchExpressionSyntax choice } => choice.GoverningExpression,
            _ => null,
        };
        return value is null ? null : model?.GetOperation(value);
    }
}
