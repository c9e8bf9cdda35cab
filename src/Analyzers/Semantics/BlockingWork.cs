namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// What a piece of code waits for on its thread: a sleep, a lock of the framework, a task, or synchronous I/O; also in
/// methods of the compilation that it calls.
/// </summary>
internal sealed class BlockingWork(SiblingNames siblings, KnownSymbols known, CancellationToken cancellationToken)
{
    private const int MaxDepth = 2;

    private static readonly ImmutableHashSet<string> FileNames = ["AppendText", "Copy", "CopyTo", "Delete", "GetDirectories", "GetFiles", "GetFileSystemEntries", "Move", "MoveTo", "Replace"];

    private readonly HashSet<IMethodSymbol> _visited = new(SymbolEqualityComparer.Default);

    /// <summary>The first such wait in a delegate or a body, as a message names it; null where there is none in sight.</summary>
    public string? In(IOperation code) => In(code, MaxDepth);

    private string? In(IOperation code, int depth)
    {
        code = AssignedValues.Unwrap(code);
        switch (code)
        {
            case IDelegateCreationOperation creation:
                return In(creation.Target, depth);
            case IMethodReferenceOperation reference:
                return IsIo(reference.Method) ? Name(reference.Method) : InMethod(reference.Method, reference, depth);
            case IAnonymousFunctionOperation lambda:
                return lambda.Symbol.IsAsync ? null : In(lambda.Body, depth);
        }

        foreach (var operation in OwnOperations.Of(code))
        {
            var found = operation switch
            {
                IPropertyReferenceOperation property => Name(BlockingTaskAccess.Of(property, known)),
                IInvocationOperation call => InCall(call, depth),
                _ => null,
            };
            if (found is not null)
                return found;
        }

        return null;
    }

    private string? InCall(IInvocationOperation call, int depth)
    {
        var method = call.TargetMethod;
        if (method.Name == "Sleep" && SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Thread))
            return ZeroTimeout.IsGiven(call, known) ? null : "Thread.Sleep";

        if (SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Parallel) || method.ReturnType.IsTaskOrValueTask(known))
            return null;

        if (BlockingPrimitive.Of(call, known) is { } primitive)
            return primitive.Name;

        if (Name(BlockingTaskAccess.Of(call, known)) is { } access)
            return access;

        if (IsIo(method) && !SynchronousByNature.IsUsedBy(call, known))
            return Name(method);

        return InMethod(method, call, depth);
    }

    private string? InMethod(IMethodSymbol method, IOperation caller, int depth) =>
        depth > 0
        && !method.IsAsync
        && !method.DeclaringSyntaxReferences.IsEmpty
        && !((method.IsVirtual || method.IsOverride) && !method.ContainingType.IsSealed)
        && _visited.Add(method.OriginalDefinition)
        && caller.SemanticModel is { } model
        && MethodBodies.Of(method, model, cancellationToken) is { } body
            ? In(body is ILocalFunctionOperation { Body: { } block } ? block : body, depth - 1)
            : null;

    private static string Name(IMethodSymbol method) => $"{method.ContainingType.Name}.{method.Name}";

    private string? Name(BlockingTaskAccess? access) =>
        access is { } found && !CompletionValues.IsMadeComplete(found.Task, known) ? found.Name : null;

    // What has no asynchronous form, and goes to the disk all the same.
    private static bool IsOfFiles(IMethodSymbol method) => method.ContainingType.Name switch
    {
        "File" or "FileInfo" => FileNames.Contains(method.Name) || method.Name.StartsWith("Open", StringComparison.Ordinal) || method.Name.StartsWith("Create", StringComparison.Ordinal),
        "Directory" or "DirectoryInfo" => FileNames.Contains(method.Name),
        _ => false,
    };

    // Files, the network, databases.
    private bool IsIo(IMethodSymbol method)
    {
        if (siblings.Of(method) is null && !IsOfFiles(method))
            return false;

        var space = method.ContainingType.ContainingNamespace;
        while (space is { ContainingNamespace: { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false } outer })
            space = outer;

        return space is { ContainingNamespace: { IsGlobalNamespace: false } root }
            && (root.Name, space.Name) is ("System", "IO" or "Net" or "Data") or ("Microsoft", "Data" or "EntityFrameworkCore")
            && !(method.IsStatic && method.ContainingType.Name == "Path");
    }
}
