using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A task that goes on when the using, try or lock in which it was started is over.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC307OutlivedScopeAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.OutlivedScope,
        title: "A task that outlives its using, try or lock",
        messageFormat: "The task of '{0}' isn't awaited before the scope ends: {1} while the task still runs; await it inside",
        DiagnosticSeverity.Warning,
        description: "A function that returns a task, instead of awaiting it, leaves its using, try or lock as soon as the task has begun. The resource is disposed while the work uses it, the catch never sees the work's exceptions, the finally cleans up too early.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null)
                return;

            start.RegisterOperationAction(operation => AnalyzeReturn(operation, known), OperationKind.Return);
            start.RegisterOperationAction(operation => AnalyzeResources(operation, ((IUsingOperation)operation.Operation).Resources, known), OperationKind.Using);
            start.RegisterOperationAction(operation => AnalyzeResources(operation, ((IUsingDeclarationOperation)operation.Operation).DeclarationGroup, known), OperationKind.UsingDeclaration);
            start.RegisterOperationAction(operation => AnalyzeDispose(operation, known), OperationKind.Invocation);
        });
    }

    private static void AnalyzeReturn(OperationAnalysisContext context, KnownSymbols known)
    {
        var returned = (IReturnOperation)context.Operation;
        if (returned.ReturnedValue is not { } value || !value.Type.IsTaskOrValueTask(known) || !IsInScope(returned)
            || AsyncContext.InnermostFunction(returned, context.ContainingSymbol) is not { IsAsync: false } function || !function.ReturnType.IsTaskOrValueTask(known)
            || CallOf(value, known) is not { } call
            || OutlivedScope.Of(returned, call) is not { } scope
            || MockSetup.ContainsDescription(returned, known))
        {
            return;
        }

        context.Report(Rule, value.Syntax, StartedTask.NameOf(call), scope.Effect);
    }

    private static bool IsInScope(IOperation returned)
    {
        for (var current = returned.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILockOperation or IUsingOperation or ITryOperation
                || (current is IBlockOperation block && block.Operations.Any(static statement => statement is IUsingDeclarationOperation)))
            {
                return true;
            }
        }

        return false;
    }

    // The call itself, or a local that holds its task and has no other use.
    private static IInvocationOperation? CallOf(IOperation value, KnownSymbols known) =>
        AssignedValues.Unwrap(value) is ILocalReferenceOperation { Local: var local } reference
            ? LocalUses.IsReadElsewhere(reference) ? null : StartedTask.Of(LocalUses.InitialValueOf(local, reference), known)
            : StartedTask.Of(value, known);

    private static void AnalyzeResources(OperationAnalysisContext context, IOperation resources, KnownSymbols known)
    {
        if (resources is not IVariableDeclarationGroupOperation group)
            return;

        foreach (var declarator in group.Declarations.SelectMany(static declaration => declaration.Declarators))
        {
            var resource = declarator.Symbol;
            if (DisposedResource.ScopeOf(resource, declarator) is not { } scope)
                continue;

            foreach (var mention in VariableMentions.Of(resource, declarator))
            {
                if (mention is not ILocalReferenceOperation || DisposedResource.WorkOn(mention) is not { } call || !DisposedResource.IsSameFunction(call, scope))
                    continue;

                // Also where the compiler warns that the call isn't awaited: that it may be in vain, it doesn't say.
                if (AwaitedValue.IsDropped(call) || LocalUses.KeepsUnread(call, context))
                {
                    if (SymbolEqualityComparer.Default.Equals(DisposedResource.OfDropped(call), resource)
                        && LostTask.Starts(call, context.Options, known)
                        && !NestedTasks.AreStartedBy(call, known)
                        && UnboundedStart.LoopOf(call, context, known) is null)
                    {
                        Report(context, call, resource);
                    }
                }
                else if (AwaitedValue.LocalOf(call) is { } task && IsReadOnlyAfter(task, call, scope.Syntax.Span.End, scope.Syntax.Span.End))
                {
                    Report(context, call, resource);
                }
            }
        }
    }

    // client.Dispose(), in the statements that follow or in a finally.
    private static void AnalyzeDispose(OperationAnalysisContext context, KnownSymbols known)
    {
        if (context.Operation is not IInvocationOperation { TargetMethod.Name: "Dispose" or "DisposeAsync", Arguments.IsEmpty: true, Instance: ILocalReferenceOperation { Local: var resource } } dispose
            || StatementOf(dispose)?.Parent is not IBlockOperation block)
        {
            return;
        }

        var body = block.Parent is ITryOperation attempt && attempt.Finally == block ? attempt.Body : block.Parent is ICatchClauseOperation ? null : block;
        foreach (var mention in VariableMentions.Of(resource, dispose))
        {
            if (body is not null && mention is ILocalReferenceOperation && mention.Syntax.SpanStart < dispose.Syntax.SpanStart && body.Syntax.Span.Contains(mention.Syntax.Span)
                && DisposedResource.WorkOn(mention) is { } call && DisposedResource.IsSameFunction(call, dispose)
                && AwaitedValue.LocalOf(call) is { } task && SymbolEqualityComparer.Default.Equals(LastValueOf(resource, mention, dispose), resource)
                && IsReadOnlyAfter(task, call, dispose.Syntax.SpanStart, dispose.Syntax.Span.End))
            {
                Report(context, call, resource);
            }
        }
    }

    private static IOperation? StatementOf(IInvocationOperation dispose)
    {
        var whole = dispose.Parent is IAwaitOperation awaited ? awaited : (IOperation)dispose;
        return whole.Parent as IExpressionStatementOperation;
    }

    // Null where another object takes the variable in between.
    private static ILocalSymbol? LastValueOf(ILocalSymbol resource, IOperation start, IOperation dispose) =>
        VariableMentions.Of(resource, dispose).Any(mention => mention.Syntax.SpanStart > start.Syntax.SpanStart && mention.Syntax.SpanStart < dispose.Syntax.SpanStart
            && mention.Parent is IAssignmentOperation assignment && assignment.Target == mention) ? null : resource;

    // The task is mentioned again, and only after the resource's end.
    private static bool IsReadOnlyAfter(ILocalSymbol task, IInvocationOperation call, int end, int after)
    {
        var isReadAfter = false;
        foreach (var mention in VariableMentions.Of(task, call))
        {
            if (mention is not ILocalReferenceOperation || (mention.Parent is ISimpleAssignmentOperation write && write.Target == mention))
                continue;

            if (mention.Syntax.SpanStart < end && mention.Syntax.SpanStart > call.Syntax.SpanStart)
                return false;

            if (!DisposedResource.IsSameFunction(mention, call) || IsInLoopWith(mention, call))
                return false;

            isReadAfter |= mention.Syntax.SpanStart >= after;
        }

        return isReadAfter;
    }

    // In a loop, what stands before may come after.
    private static bool IsInLoopWith(IOperation mention, IOperation call)
    {
        for (var current = mention.Parent; current is not null; current = current.Parent)
        {
            if (current is ILoopOperation && mention.Syntax.SpanStart < call.Syntax.SpanStart && current.Syntax.Span.Contains(call.Syntax.Span))
                return true;
        }

        return false;
    }

    private static void Report(OperationAnalysisContext context, IInvocationOperation call, ILocalSymbol resource) =>
        context.Report(Rule, call.Syntax, StartedTask.NameOf(call), $"'{resource.Name}' is disposed");
}
