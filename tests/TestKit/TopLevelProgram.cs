using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>
/// Rewrites a test's code as a top-level program, so that rules are tried there without a test of its own: the
/// statements of the first class's async Task method come first, its parameters become locals, and the class's other
/// members become static members of Program. Code that doesn't lend itself to it, or no longer compiles, is left.
/// </summary>
internal static class TopLevelProgram
{
    internal static bool TryMake(MarkupText source, [NotNullWhen(true)] out MarkupText? program)
    {
        program = null;
        var root = CSharpSyntaxTree.ParseText(source.Text).GetCompilationUnitRoot();
        if (root.Members.FirstOrDefault() is not ClassDeclarationSyntax { BaseList: null, TypeParameterList: null, ParameterList: null } type
            || root.Members.Any(member => member is not BaseTypeDeclarationSyntax)
            || type.Members.OfType<MethodDeclarationSyntax>().FirstOrDefault(IsCandidate) is not { Body: { } body } method)
        {
            return false;
        }

        var pieces = new Pieces(source);
        pieces.Copy(TextSpan.FromBounds(0, type.FullSpan.Start));

        // The entry point is async only where it awaits, as the method was by its modifier.
        pieces.Write("await System.Threading.Tasks.Task.CompletedTask;\n");
        foreach (var parameter in method.ParameterList.Parameters)
            pieces.Write($"{parameter.Type} {parameter.Identifier} = default!;\n");

        pieces.Copy(TextSpan.FromBounds(body.OpenBraceToken.Span.End, body.CloseBraceToken.SpanStart));
        pieces.Write("\n");
        if (type.Members.Count > 1)
        {
            pieces.Write("partial class Program\n{\n");
            foreach (var member in type.Members.Where(member => member != method))
            {
                var hasStatic = member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
                    || member.Modifiers.Any(SyntaxKind.StaticKeyword) || member.Modifiers.Any(SyntaxKind.ConstKeyword);
                if (!hasStatic)
                    pieces.Write("static ");

                pieces.Copy(hasStatic ? member.FullSpan : member.Span);
                pieces.Write("\n");
            }

            pieces.Write("}\n");
        }

        foreach (var other in root.Members.Where(member => member != type))
            pieces.Copy(other.FullSpan);

        program = pieces.ToMarkup();
        return program is not null;
    }

    private static bool IsCandidate(MethodDeclarationSyntax method) =>
        method is { Body.Statements.Count: > 0, TypeParameterList: null, ReturnType: IdentifierNameSyntax { Identifier.Text: "Task" } }
        && method.Modifiers.Any(SyntaxKind.AsyncKeyword)
        && method.ParameterList.Parameters.All(parameter => parameter.Modifiers.Count == 0);

    /// <summary>Builds a text out of pieces of another, and carries the marked spans along.</summary>
    private sealed class Pieces(MarkupText source)
    {
        private readonly StringBuilder _text = new();
        private readonly List<MarkupSpan> _spans = [];

        public void Write(string text) => _text.Append(text);

        public void Copy(TextSpan piece)
        {
            var shift = _text.Length - piece.Start;
            _spans.AddRange(source.Spans.Where(one => piece.Contains(one.Span)).Select(one => one with { Span = new(one.Span.Start + shift, one.Span.Length) }));
            _text.Append(source.Text, piece.Start, piece.Length);
        }

        // A marked span that was not copied whole makes the program another test than the one that was written.
        public MarkupText? ToMarkup() => _spans.Count == source.Spans.Count ? new(_text.ToString(), _spans, null) : null;
    }
}
