using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.FindSymbols;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Makes a method or local function async, with all that overrides or implements it, and awaits it where it is called:
/// the callers become async in their turn, across the solution. Nothing is done where one use can't await in its place,
/// or where the outcome wouldn't compile.
/// </summary>
internal sealed class AsyncPropagation
{
    private const int MaxMembers = 64;

    private readonly Solution _solution;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<DocumentId, Dictionary<SyntaxNode, Func<SyntaxNode, SyntaxNode>>> _edits = [];
    private readonly Dictionary<DocumentId, Dictionary<SyntaxNode, Dictionary<SyntaxNode, SyntaxNode>>> _taskFunctions = [];
    private readonly HashSet<ISymbol> _members = new(SymbolEqualityComparer.Default);
    private readonly Queue<IMethodSymbol> _pending = new();

    private AsyncPropagation(Solution solution, CancellationToken cancellationToken) => (_solution, _cancellationToken) = (solution, cancellationToken);

    /// <summary>
    /// The solution in which the function is async; null where that can't be. In it, <paramref name="place"/> (if there
    /// is one) has made way for the await.
    /// </summary>
    public static async Task<Solution?> MakeAsync(Document document, SyntaxNode function, ExpressionSyntax? place, ExpressionSyntax? awaited, CancellationToken cancellationToken)
    {
        var propagation = new AsyncPropagation(document.Project.Solution, cancellationToken);
        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (EnclosingFunction.SymbolOf(function, model, cancellationToken) is not { } method || (place is not null && !AwaitPlacement.IsAllowedIn(function, place, model, cancellationToken)))
            return null;

        if (place is not null && awaited is not null)
            propagation.Edit(document.Id, place, _ => awaited);

        propagation._pending.Enqueue(method);
        propagation._members.Add(method);
        while (propagation._pending.Count > 0)
        {
            if (propagation._members.Count > MaxMembers || !await propagation.PlanAsync(propagation._pending.Dequeue()).ConfigureAwait(false))
                return null;
        }

        return await propagation.ApplyAsync(place).ConfigureAwait(false);
    }

    private async Task<bool> PlanAsync(IMethodSymbol member)
    {
        if (await AsyncMember.FamilyAsync(member, _solution, _cancellationToken).ConfigureAwait(false) is not { } family)
            return false;

        foreach (var one in family)
        {
            _members.Add(one);
            if (!await ChangeDeclarationAsync(one).ConfigureAwait(false) || !await AwaitCallsAsync(one).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    private async Task<bool> ChangeDeclarationAsync(IMethodSymbol method)
    {
        var declaration = await method.DeclaringSyntaxReferences[0].GetSyntaxAsync(_cancellationToken).ConfigureAwait(false);
        if (_solution.GetDocument(declaration.SyntaxTree) is not { } document
            || await document.GetSemanticModelAsync(_cancellationToken).ConfigureAwait(false) is not { } model
            || KnownSymbols.Of(model.Compilation) is not { Task: { } task, TaskOfT: { } taskOfT })
        {
            return false;
        }

        var generator = SyntaxGenerator.GetGenerator(document);
        Edit(document.Id, declaration, rewritten =>
        {
            var old = rewritten is MethodDeclarationSyntax before ? before.ReturnType : ((LocalFunctionStatementSyntax)rewritten).ReturnType;
            var type = method.ReturnsVoid ? (TypeSyntax)generator.ImportedType(task) : TaskOf(old, generator.ImportedType(taskOfT.Construct(model.Compilation.ObjectType)));
            type = type.WithTriviaFrom(old);
            SyntaxNode changed = rewritten is MethodDeclarationSyntax method1 ? method1.WithReturnType(type) : ((LocalFunctionStatementSyntax)rewritten).WithReturnType(type);
            return EnclosingFunction.IsAsync(rewritten) || !HasBody(rewritten) ? changed : AsyncFunction.WithAsyncKeyword(changed);
        });
        return true;
    }

    private async Task<bool> AwaitCallsAsync(IMethodSymbol method)
    {
        foreach (var found in await SymbolFinder.FindReferencesAsync(method, _solution, _cancellationToken).ConfigureAwait(false))
        {
            foreach (var reference in found.Locations)
            {
                if (reference.IsImplicit || !await AwaitCallAsync(reference).ConfigureAwait(false))
                    return false;
            }
        }

        return true;
    }

    private async Task<bool> AwaitCallAsync(ReferenceLocation reference)
    {
        var document = reference.Document;
        var root = (await document.GetSyntaxRootAsync(_cancellationToken).ConfigureAwait(false))!;
        var name = root.FindNode(reference.Location.SourceSpan, findInsideTrivia: true, getInnermostNodeForTie: true);
        if (name.IsPartOfStructuredTrivia() || IsInNameOf(name))
            return true;

        if (name is not SimpleNameSyntax simple || CallOf(simple) is not { } call || reference.IsCandidateLocation || EnclosingFunction.Of(call) is not { } function)
            return false;

        // A family's members share their references.
        if (IsEdited(document.Id, call))
            return true;

        var model = (await document.GetSemanticModelAsync(_cancellationToken).ConfigureAwait(false))!;
        if (!AwaitPlacement.IsAllowedIn(function, call, model, _cancellationToken) || model.GetSymbolInfo(call, _cancellationToken).Symbol is not IMethodSymbol)
            return false;

        var configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
        if (EnclosingFunction.IsAsync(function))
        {
            Edit(document.Id, call, rewritten => AwaitInsertion.Await((ExpressionSyntax)rewritten, call, configureAwaitFalse));
            return true;
        }

        if (AsyncFunction.CanBecomeAsync(function, model, _cancellationToken))
        {
            if (!_taskFunctions.TryGetValue(document.Id, out var functions))
                _taskFunctions.Add(document.Id, functions = []);
            if (!functions.TryGetValue(function, out var replacements))
                functions.Add(function, replacements = []);
            replacements[call] = AwaitInsertion.Await(call, call, configureAwaitFalse);
            return true;
        }

        if (function is not (MethodDeclarationSyntax or LocalFunctionStatementSyntax) || EnclosingFunction.SymbolOf(function, model, _cancellationToken) is not { } caller || caller.ReturnType.IsTaskOrValueTask(KnownSymbols.Of(model.Compilation)))
            return false;

        Edit(document.Id, call, rewritten => AwaitInsertion.Await((ExpressionSyntax)rewritten, call, configureAwaitFalse));
        if (_members.Add(caller))
            _pending.Enqueue(caller);
        return true;
    }

    private async Task<Solution?> ApplyAsync(ExpressionSyntax? place)
    {
        var changed = _solution;
        foreach (var id in _edits.Keys.Concat(_taskFunctions.Keys).Distinct())
        {
            var document = _solution.GetDocument(id)!;
            var root = (await document.GetSyntaxRootAsync(_cancellationToken).ConfigureAwait(false))!;
            var model = (await document.GetSemanticModelAsync(_cancellationToken).ConfigureAwait(false))!;
            var edits = _edits.TryGetValue(id, out var those) ? those : [];
            if (_taskFunctions.TryGetValue(id, out var functions))
            {
                foreach (var function in functions)
                {
                    // Rewritten as a whole: no other edit may stand in it, or around it.
                    if (edits.Keys.Concat(functions.Keys).Any(other => other != function.Key && (other.Span.Contains(function.Key.Span) || function.Key.Span.Contains(other.Span))))
                        return null;

                    edits = new(edits) { [function.Key] = _ => AsyncFunction.Replace(function.Key, function.Value, model, _cancellationToken) };
                }
            }

            // What makes way for the await is taken over as it was.
            if (place is not null && edits.ContainsKey(place) && edits.Keys.Any(other => other != place && place.Span.Contains(other.Span)))
                return null;

            changed = changed.WithDocumentSyntaxRoot(id, root.ReplaceNodes(edits.Keys, (old, rewritten) => edits[old](rewritten)));
        }

        foreach (var id in _edits.Keys.Concat(_taskFunctions.Keys).Distinct())
        {
            if (await ErrorsAsync(changed.GetDocument(id)!).ConfigureAwait(false) > await ErrorsAsync(_solution.GetDocument(id)!).ConfigureAwait(false))
                return null;
        }

        return changed;
    }

    private async Task<int> ErrorsAsync(Document document) =>
        (await document.GetSemanticModelAsync(_cancellationToken).ConfigureAwait(false))!.GetDiagnostics(cancellationToken: _cancellationToken).Count(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private void Edit(DocumentId document, SyntaxNode node, Func<SyntaxNode, SyntaxNode> edit)
    {
        if (!_edits.TryGetValue(document, out var edits))
            _edits.Add(document, edits = []);
        edits[node] = edit;
    }

    private bool IsEdited(DocumentId document, SyntaxNode node) =>
        (_edits.TryGetValue(document, out var edits) && edits.ContainsKey(node))
        || (_taskFunctions.TryGetValue(document, out var functions) && functions.Values.Any(replacements => replacements.ContainsKey(node)));

    private static TypeSyntax TaskOf(TypeSyntax result, SyntaxNode taskOfObject)
    {
        var argument = taskOfObject.DescendantNodes().OfType<TypeArgumentListSyntax>().Last().Arguments[0];
        return (TypeSyntax)taskOfObject.ReplaceNode(argument, result.WithoutTrivia());
    }

    private static bool HasBody(SyntaxNode function) => function is MethodDeclarationSyntax { Body: null, ExpressionBody: null } is false;

    private static bool IsInNameOf(SyntaxNode name) => name.Ancestors().TakeWhile(static node => node is ExpressionSyntax or ArgumentSyntax or ArgumentListSyntax)
        .Any(static node => node is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } });

    private static InvocationExpressionSyntax? CallOf(SimpleNameSyntax name) => name.Parent switch
    {
        InvocationExpressionSyntax call when call.Expression == name => call,
        MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } member when member.Name == name && call.Expression == member && !IsBehindConditional(call) => call,
        _ => null,
    };

    // Of `x?.A.M()` only the whole could be awaited.
    private static bool IsBehindConditional(SyntaxNode call) =>
        call.Ancestors().TakeWhile(static node => node is ExpressionSyntax).OfType<ConditionalAccessExpressionSyntax>().Any(access => access.WhenNotNull.Span.Contains(call.Span));
}
