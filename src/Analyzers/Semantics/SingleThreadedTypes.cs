namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Types whose code goes on, after an await, on the one thread where it began: user interfaces, grains, game objects. They are known by the names of their bases.</summary>
internal static class SingleThreadedTypes
{
    private static readonly ImmutableHashSet<string> Bases =
    [
        "DispatcherObject", "DependencyObject", "Control", "Form", "Window", "Page", "Visual", "AvaloniaObject", "BindableObject", "ComponentBase", "OwningComponentBase",
        "ObservableObject", "ReactiveObject", "BindableBase", "ViewModelBase", "Grain", "MonoBehaviour", "UIElement", "Application", "NSObject", "Activity", "Fragment",
    ];

    public static bool Contain(ISymbol symbol)
    {
        for (var type = symbol.ContainingType; type is not null; type = type.ContainingType)
        {
            for (var one = type; one is { SpecialType: SpecialType.None }; one = one.BaseType)
            {
                if (Bases.Contains(one.Name) || one.Name.EndsWith("ViewModel", StringComparison.Ordinal))
                    return true;
            }
        }

        return false;
    }
}
