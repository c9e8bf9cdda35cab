using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A loop whose turns could run side by side: each awaits work of its own, changes nothing outside but for the results
/// it adds to a list, and takes nothing from the turns before it.
/// </summary>
internal sealed class IndependentTurns
{
    private static readonly ImmutableHashSet<string> Pauses = ["Delay", "Yield", "WaitAsync", "WaitToReadAsync", "WaitToWriteAsync", "WaitForNextTickAsync", "ReadAsync", "WriteAsync", "WhenAll", "WhenAny", "FlushAsync"];
    private static readonly string[] SingleUse = ["Context", "Connection", "Transaction", "Session", "UnitOfWork", "Repository", "Command", "Stream", "Reader", "Writer", "DbSet", "Manager", "Cursor", "Page", "Console", "Database", "Response", "Holder", "Socket", "SmtpClient", "Block"];

    private readonly ILoopOperation _loop;
    private readonly KnownSymbols _known;
    private readonly CancellationToken _cancellationToken;
    private bool _endsEarly;

    private IndependentTurns(ILoopOperation loop, KnownSymbols known, CancellationToken cancellationToken) =>
        (_loop, _known, _cancellationToken) = (loop, known, cancellationToken);

    /// <summary>The call of the list's Add that keeps each turn's result, where there is one.</summary>
    public IInvocationOperation? Kept { get; private set; }

    /// <summary>The first call that a turn awaits.</summary>
    public IInvocationOperation? Awaited { get; private set; }

    /// <summary>Null where the turns depend on each other, or may.</summary>
    public static IndependentTurns? Of(ILoopOperation loop, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (loop.Locals is not [_] || !(loop is IForEachLoopOperation { IsAsynchronous: false } || (loop is IForLoopOperation indexed && IndexLoop.Of(indexed) is not null)))
            return null;

        var turns = new IndependentTurns(loop, known, cancellationToken);
        return turns.AreIndependent() && turns.Awaited is not null ? turns : null;
    }

    private bool AreIndependent()
    {
        foreach (var operation in OwnOperations.Of(_loop.Body))
        {
            if (operation.Kind is OperationKind.AnonymousFunction or OperationKind.LocalFunction or OperationKind.Lock or OperationKind.YieldReturn or OperationKind.YieldBreak
                || !IsIndependent(operation))
            {
                return false;
            }
        }

        // What a turn that ends early doesn't add would be missing from the results.
        return !(_endsEarly && Kept is not null) && (Kept is not { Instance: ILocalReferenceOperation { Local: var list } }
            || AssignedValues.References(list, _loop).Count() == 1);
    }

    private bool IsIndependent(IOperation operation)
    {
        switch (operation)
        {
            case IAwaitOperation awaited:
                return IsOfCall(awaited);
            case IBranchOperation { BranchKind: BranchKind.Continue }:
                _endsEarly = true;
                return true;
            case IReturnOperation or IBranchOperation or ILoopOperation or ITryOperation { Finally: not null } or IUsingOperation or IUsingDeclarationOperation or IInvalidOperation or IDynamicInvocationOperation:
                return false;
            case IAssignmentOperation assignment:
                return IsOfTurn(assignment.Target);
            case IIncrementOrDecrementOperation increment:
                return IsOfTurn(increment.Target);
            case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: var target }:
                return IsOfTurn(target);
            case IInvocationOperation call:
                return IsHarmless(call);
            default:
                return true;
        }
    }

    private bool IsOfCall(IAwaitOperation awaited)
    {
        // Delegates and commands are made to run one after the other; and what takes no lock of its own expects the caller's.
        if (StartedTask.Of(awaited.Operation, _known) is not { TargetMethod: { MethodKind: not MethodKind.DelegateInvoke, Name: var name } } call
            || Pauses.Contains(name) || name.StartsWith("Execute", StringComparison.Ordinal) || name.EndsWith("NoLock", StringComparison.Ordinal) || awaited.Operation is IConditionalAccessOperation)
        {
            return false;
        }

        Awaited ??= call;
        return true;
    }

    private bool IsHarmless(IInvocationOperation call)
    {
        if (call.Type.IsTaskOrValueTask(_known) || call.TargetMethod.Name == "ConfigureAwait")
            return call.TargetMethod.Name is "ConfigureAwait" or "AsTask" || (AwaitedValue.Of(call) is not null && !UsesSingle(call) && !WritesState(call));

        if (IsKeep(call))
        {
            if (Kept is not null)
                return false;

            Kept = call;
            return true;
        }

        // Enumerable.Count(x), x.ToString(), string.Format(…): of values and of the turn's own objects.
        var receiver = StartedTask.ReceiverOf(call);
        return CaughtExceptions.IsLogging(call)
            || (receiver is null ? call.TargetMethod.ContainingType.ContainingNamespace is { Name: "System" or "Linq" or "Text" or "Globalization" } && call.TargetMethod.ContainingType.Name != "Console" : IsOfTurn(receiver) || IsValue(receiver.Type));
    }

    // results.Add(await FAsync(x)); as the turn's last statement.
    private bool IsKeep(IInvocationOperation call)
    {
        if (call is not { TargetMethod.Name: "Add", Instance: ILocalReferenceOperation { Local.Type: { Name: "List", ContainingNamespace.Name: "Generic" } }, Arguments.Length: 1, Parent: IExpressionStatementOperation statement })
            return false;

        return statement == _loop.Body || (_loop.Body is IBlockOperation block && statement.Parent == block && block.Operations[block.Operations.Length - 1] == statement);
    }

    // Declared in the loop, its variable, or a part of those.
    private bool IsOfTurn(IOperation? value)
    {
        while (true)
        {
            switch (AssignedValues.UnwrapOrNull(value))
            {
                case ILocalReferenceOperation { Local: var local }:
                    return local.DeclaringSyntaxReferences is [var declaration] && _loop.Syntax.Span.Contains(declaration.Span);
                case IMemberReferenceOperation { Instance: { } instance }:
                    value = instance;
                    continue;
                case IArrayElementReferenceOperation { ArrayReference: var array }:
                    value = array;
                    continue;
                case IInvocationOperation call when call.Instance is not null || call.TargetMethod.IsExtensionMethod:
                    value = StartedTask.ReceiverOf(call);
                    continue;
                case IAwaitOperation or IObjectCreationOperation or IDiscardOperation or ILiteralOperation or IInterpolatedStringOperation or IConditionalAccessInstanceOperation or ITupleOperation or IDeclarationExpressionOperation:
                    return true;
                default:
                    return false;
            }
        }
    }

    private static bool IsValue(ITypeSymbol? type) =>
        type is { IsValueType: true } or { SpecialType: SpecialType.System_String } or { ContainingNamespace.Name: "Immutable" or "Concurrent" or "Frozen" };

    // Objects made for one user at a time: a turn beside another breaks them.
    private bool UsesSingle(IInvocationOperation call)
    {
        for (var receiver = AssignedValues.UnwrapOrNull(StartedTask.ReceiverOf(call)); receiver is not null and not IInstanceReferenceOperation;)
        {
            if (IsSingle(receiver.Type) || IsOfScope(receiver))
                return true;

            receiver = AssignedValues.UnwrapOrNull((receiver as IMemberReferenceOperation)?.Instance);
        }

        if (call.Instance is IInstanceReferenceOperation && call.TargetMethod.ContainingType is { } type)
        {
            for (var current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
            {
                if (current.GetMembers().Any(member => member is IFieldSymbol field && IsSingle(field.Type)))
                    return true;
            }
        }

        return call.Arguments.Any(argument => AssignedValues.Unwrap(argument.Value) is { Type: var given } && (IsSingle(given) || IsChangeable(given)) && !IsOfTurn(argument.Value));
    }

    // Made by a using for what is done in it: a batch, a table, a bundle of commands. An HttpClient serves many.
    private bool IsOfScope(IOperation receiver) =>
        receiver is ILocalReferenceOperation { Local: { DeclaringSyntaxReferences: [var declaration], Type: var type } }
        && !SymbolEqualityComparer.Default.Equals(type, _known.HttpClient)
        && declaration.GetSyntax(_cancellationToken) is { Parent.Parent: UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword } };

    // A collection that all turns are given: they may well fill it.
    private static bool IsChangeable(ITypeSymbol? type) =>
        type is { Name: "List" or "IList" or "ICollection" or "Dictionary" or "IDictionary" or "HashSet" or "ISet" or "Queue" or "Stack" or "StringBuilder", ContainingNamespace.Name: "Generic" or "Text" };

    private bool IsSingle(ITypeSymbol? type)
    {
        for (var current = type; current is { SpecialType: SpecialType.None, TypeKind: not TypeKind.Enum }; current = current.BaseType)
        {
            if (Array.Exists(SingleUse, name => current.Name.EndsWith(name, StringComparison.Ordinal)) || SymbolEqualityComparer.Default.Equals(current, _known.DbContext))
                return true;
        }

        return false;
    }

    // A method of the compilation that writes fields in its own body.
    private bool WritesState(IInvocationOperation call) =>
        call.SemanticModel is { } model
        && MethodBodies.Of(call.TargetMethod, model, _cancellationToken) is { } body
        && body.Descendants().Any(static operation => operation is IAssignmentOperation { Target: IFieldReferenceOperation or IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } } }
            or IIncrementOrDecrementOperation { Target: IFieldReferenceOperation });
}
