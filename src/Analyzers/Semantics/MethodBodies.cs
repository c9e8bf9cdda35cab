namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The bodies of methods that the compilation itself declares, for rules that look through calls.</summary>
internal static class MethodBodies
{
    /// <summary>The body of the method; null where it is elsewhere, or where another body may run instead of it.</summary>
    public static IOperation? Of(IMethodSymbol method, SemanticModel from, CancellationToken cancellationToken)
    {
        method = method.OriginalDefinition;
        method = method.PartialImplementationPart ?? method;
        if (method.IsAbstract || method.IsExtern || method.DeclaringSyntaxReferences is not [var declaration])
            return null;

        var syntax = declaration.GetSyntax(cancellationToken);
        if (!from.Compilation.ContainsSyntaxTree(syntax.SyntaxTree))
            return null;

#pragma warning disable RS1030 // Asked for once a candidate is found, which is rare; the compiler keeps no model of other files for us.
        var model = syntax.SyntaxTree == from.SyntaxTree ? from : from.Compilation.GetSemanticModel(syntax.SyntaxTree);
#pragma warning restore RS1030
        return model.GetOperation(syntax, cancellationToken);
    }
}
