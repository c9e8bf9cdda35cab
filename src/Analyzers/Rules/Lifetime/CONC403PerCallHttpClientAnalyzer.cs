using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>An HttpClient that each call makes anew, with connections of its own.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC403PerCallHttpClientAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.PerCallHttpClient,
        title: "HttpClient made anew by each call",
        messageFormat: "Each call of '{0}' makes an HttpClient anew, with connections of its own that stay open for minutes after it is disposed; share one, or take it from an IHttpClientFactory",
        DiagnosticSeverity.Warning,
        description: "An HttpClient owns a pool of connections. One for each call opens a connection for each call, shakes hands anew each time, and leaves a closed socket behind that the system keeps for minutes: under load, the ports run out.");

    // What makes a handler one for a single caller: who he is, whom he trusts, and how he gets there.
    private static readonly ImmutableHashSet<string> OwnSettings =
    [
        "ClientCertificateOptions", "ClientCertificates", "ConnectCallback", "CookieContainer", "Credentials", "DefaultProxyCredentials", "Proxy",
        "ServerCertificateCustomValidationCallback", "SslOptions", "UseCookies", "UseDefaultCredentials", "UseProxy",
    ];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.HttpClient is not { } client || known.WebAssemblyHostBuilder is not null || IsForBrowser(start.Compilation))
                return;

            start.RegisterOperationAction(operation => Analyze(operation, client, known), OperationKind.ObjectCreation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol client, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (!SymbolEqualityComparer.Default.Equals(creation.Type, client)
            || !IsPlain(creation, known)
            || !PerCallCode.Contains(creation, context.ContainingSymbol, known)
            || IsOfProgram(context))
        {
            return;
        }

        var reach = Escape.Of(creation);
        if (reach == Reach.Stays || (reach == Reach.PassedOn && Disposal.IsDisposedInCall(creation)))
            context.Report(Rule, creation.Syntax, context.ContainingSymbol.Name);
    }

    // A tool that runs once needs no pool; nor do the other methods of the type with its Main.
    private static bool IsOfProgram(OperationAnalysisContext context) =>
        context.Compilation.GetEntryPoint(context.CancellationToken)?.ContainingType is { } program
        && (SymbolEqualityComparer.Default.Equals(program, context.ContainingSymbol.ContainingType) || EntryPoint.Is(context.ContainingSymbol));

    // A handler that others use as well pools for them all; one with settings of its own has its reasons.
    private static bool IsPlain(IObjectCreationOperation creation, KnownSymbols known)
    {
        foreach (var argument in creation.Arguments)
        {
            if (argument.Parameter is { Ordinal: 0 } && !IsPlainHandler(AssignedValues.Unwrap(argument.Value), known))
                return false;
        }

        return true;
    }

    private static bool IsPlainHandler(IOperation value, KnownSymbols known)
    {
        if (value is ILocalReferenceOperation { Local: var local })
        {
            foreach (var mention in VariableMentions.Of(local, value))
            {
                if (mention is ILocalReferenceOperation && mention != value && mention.Parent is not (IPropertyReferenceOperation { Parent: IAssignmentOperation } or IUsingOperation))
                    return false;

                if (mention.Parent is IPropertyReferenceOperation { Property.Name: var name } && OwnSettings.Contains(name))
                    return false;
            }

            if (AssignedValues.Single(local, AssignedValues.Root(value)) is not { } single)
                return false;
            value = single;
        }

        return value is IObjectCreationOperation { Type: INamedTypeSymbol type } handler
            && (SymbolEqualityComparer.Default.Equals(type, known.HttpClientHandler) || SymbolEqualityComparer.Default.Equals(type, known.SocketsHttpHandler))
            && handler.Initializer?.Initializers.All(static one => one is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: var name } } && !OwnSettings.Contains(name)) != false;
    }

    private static bool IsForBrowser(Compilation compilation) => compilation.Assembly.GetAttributes().Any(static attribute =>
        attribute.AttributeClass?.Name is "SupportedOSPlatformAttribute" or "TargetPlatformAttribute" && attribute.ConstructorArguments is [{ Value: string platform }] && platform.StartsWith("browser", StringComparison.OrdinalIgnoreCase));
}
