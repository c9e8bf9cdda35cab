using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>A rule's page: its title, and its code blocks, which are tests.</summary>
internal sealed class RulePage
{
    private RulePage(string title, IReadOnlyList<CodeBlock> blocks)
    {
        Title = title;
        Blocks = blocks;
    }

    public string Title { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>Declarations that every block of the page may use.</summary>
    public string Setup => string.Concat(Blocks.Where(block => block.Kind == "setup").Select(block => block.Code));

    public static RulePage Read(string file)
    {
        var lines = RepositoryFiles.Read(file).Split('\n');
        var blocks = new List<CodeBlock>();
        StringBuilder? code = null;
        var kind = "";
        foreach (var (index, line) in lines.Index())
        {
            if (code is null && line.StartsWith("```csharp", StringComparison.Ordinal))
            {
                code = new StringBuilder();
                kind = line["```csharp".Length..].Trim();
            }
            else if (code is not null && line == "```")
            {
                blocks.Add(new CodeBlock(kind, code.ToString(), index));
                code = null;
            }
            else
            {
                code?.Append(line).Append('\n');
            }
        }

        return new RulePage(lines[0], blocks);
    }
}

/// <summary>A fenced block of C#, by the word behind the fence: bad, bad no-fix, good or setup.</summary>
internal sealed record CodeBlock(string Kind, string Code, int Line)
{
    /// <summary>
    /// The block as a file that compiles: members are wrapped into a class, below the usings. Blank lines between
    /// usings and code are dropped, since adding a using moves them.
    /// </summary>
    public string AsFile()
    {
        var lines = Code.Split('\n');
        var usings = lines.TakeWhile(line => line.Length == 0 || (line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('('))).ToList();
        var body = string.Join('\n', lines.Skip(usings.Count));
        if (IsMembers(body))
            body = "class Example\n{\n" + body + "}\n";

        return string.Concat(usings.Where(line => line.Length > 0).Select(line => line + "\n")) + body;
    }

    // A method at the top of a file would be a local function, and a field an error.
    private static bool IsMembers(string code)
    {
        var unit = CSharpSyntaxTree.ParseText(code).GetCompilationUnitRoot();
        return unit.Members.FirstOrDefault() is GlobalStatementSyntax { Statement: LocalFunctionStatementSyntax } or FieldDeclarationSyntax or PropertyDeclarationSyntax or MethodDeclarationSyntax or IncompleteMemberSyntax
            || unit.Members.FirstOrDefault() is GlobalStatementSyntax { Statement: LocalDeclarationStatementSyntax { Modifiers.Count: > 0 } };
    }
}
