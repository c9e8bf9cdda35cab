using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Methods whose task needs nobody: their name or an attribute says so, or the user does in .editorconfig.</summary>
internal static class SafeToForget
{
    private static readonly ImmutableHashSet<string> Attributes =
        ["CanIgnoreReturnValueAttribute", "FireAndForgetAttribute", "SafeToForgetAttribute"];

    private static readonly ImmutableArray<string> PrefixesOnTasks =
        ["Catch", "FireAndForget", "Forget", "Handle", "Ignore", "Log", "NoAwait", "Observe", "SafeFireAndForget", "Swallow"];

    public static bool Includes(IInvocationOperation call, AnalyzerOptions options, KnownSymbols known) =>
        IsNamedSo(call, known) || IsRendering(call) || IsAnnotated(call.TargetMethod) || IsConfigured(call, options);

    private static bool IsNamedSo(IInvocationOperation call, KnownSymbols known)
    {
        var name = call.TargetMethod.Name;
        if (name.Contains("FireAndForget") || name.EndsWith("AndForget", StringComparison.Ordinal) || name.EndsWith("AndForgetAsync", StringComparison.Ordinal))
            return true;

        // task.Forget(), task.LogFaults(): what the method does with the task is the reason to drop what it returns.
        return call.TargetMethod.IsExtensionMethod
            && StartedTask.ReceiverOf(call)?.Type.IsTaskOrValueTask(known) == true
            && PrefixesOnTasks.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    // Blazor's InvokeAsync(StateHasChanged): its faults go to the renderer, and void callbacks have no other way.
    private static bool IsRendering(IInvocationOperation call) =>
        call is { TargetMethod: { Name: "InvokeAsync", ContainingType.Name: "ComponentBase" }, Arguments: [{ Value: IDelegateCreationOperation { Target: IMethodReferenceOperation { Method.Name: "StateHasChanged" } } }] };

    private static bool IsAnnotated(IMethodSymbol method) =>
        HasAttribute((method.ReducedFrom ?? method).OriginalDefinition.GetAttributes()) || HasAttribute(method.GetReturnTypeAttributes());

    private static bool HasAttribute(ImmutableArray<AttributeData> attributes) =>
        attributes.Any(static attribute => attribute.AttributeClass is { Name: var name } && Attributes.Contains(name));

    private static bool IsConfigured(IInvocationOperation call, AnalyzerOptions options) =>
        NamedMethods.Include(ConcurrencyOptions.SafeToForgetMethods.In(options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree)), call.TargetMethod);
}
