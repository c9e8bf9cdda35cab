using Microsoft.CodeAnalysis.Simplification;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes names of types so that the file gets the using that it lacks.</summary>
internal static class ImportedTypes
{
    /// <summary>
    /// The type's full name, which the clean-up shortens after adding the using. The generator's own addImport doesn't
    /// put the annotation on that asks for it.
    /// </summary>
    public static SyntaxNode ImportedType(this SyntaxGenerator generator, ITypeSymbol type) =>
        generator.TypeExpression(type).WithAdditionalAnnotations(Simplifier.AddImportsAnnotation);

    /// <summary>A member of the type, as in <c>Task.Delay</c>.</summary>
    public static ExpressionSyntax ImportedMember(this SyntaxGenerator generator, ITypeSymbol type, string member) =>
        (ExpressionSyntax)generator.MemberAccessExpression(generator.ImportedType(type), member);
}
