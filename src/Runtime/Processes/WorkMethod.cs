using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// A method that can be named to another process of the same program: a static one, or a lambda that captures nothing. The
/// name is its module and metadata token, which are the same in both because the module is.
/// </summary>
internal sealed class WorkMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, WorkMethod> Known = new();
    private static int s_number;

    private WorkMethod(MethodInfo method)
    {
        Method = method;
        TakesToken = method.GetParameters() is [.., { ParameterType: var last }] && last == typeof(CancellationToken);
        Message = new MethodMessage
        {
            Number = Interlocked.Increment(ref s_number),
            Assembly = method.Module.Assembly.FullName!,
            Module = method.Module.ScopeName,
            ModuleVersionId = method.Module.ModuleVersionId,
            Token = method.MetadataToken,
            TypeArguments = NamesOf(method.DeclaringType!.GetGenericArguments()),
            MethodArguments = NamesOf(method.GetGenericArguments()),
        };
    }

    public MethodInfo Method { get; }

    public MethodMessage Message { get; }

    /// <summary>Whether the method can be asked to stop.</summary>
    public bool TakesToken { get; }

    /// <summary>The method that <paramref name="work"/> calls.</summary>
    /// <exception cref="ArgumentException">Another process couldn't call it; the message says why.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "A field that trimming took away is one that the work doesn't use.")]
    public static WorkMethod Of(Delegate work)
    {
        var method = work.Method;
        // Only methods of which all the following is known are; but a static one can be closed over a first argument.
        if (HasOneTarget(work) && !(method.IsStatic && work.Target is not null) && Known.TryGetValue(method, out var known))
            return known;
        if (work.Target is { } target && (method.IsStatic || HasState(target.GetType())))
        {
            throw new ArgumentException(
                $"The work captures variables or belongs to an object ({target.GetType()}), and neither exists in a worker process. "
                + "Hand in a static method or a static lambda, and what it needs as its argument.",
                nameof(work));
        }

        if (!HasOneTarget(work))
            throw new ArgumentException("The work is a delegate of several methods; a worker calls one.", nameof(work));
        return Add(method, nameof(work));
    }

    /// <summary>Finds in a worker the method that the executor named.</summary>
    /// <exception cref="InvalidOperationException">This program has no such method: it isn't the one that the executor runs in.</exception>
    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    public static WorkMethod Resolve(MethodMessage message)
    {
        // Load by name looks only where the program's own assemblies are.
        var assembly = Assembly.Load(new AssemblyName(message.Assembly));
        var module = assembly.Modules.SingleOrDefault(module => module.ScopeName == message.Module);
        if (module?.ModuleVersionId != message.ModuleVersionId)
            throw new InvalidOperationException($"The worker's {message.Module} is not the one of the process that started it.");
        var method = (MethodInfo)module.ResolveMethod(message.Token)!;
        if (message.TypeArguments.Length > 0)
            method = (MethodInfo)MethodBase.GetMethodFromHandle(method.MethodHandle, method.DeclaringType!.MakeGenericType(TypesOf(message.TypeArguments)).TypeHandle)!;
        if (message.MethodArguments.Length > 0)
            method = method.MakeGenericMethod(TypesOf(message.MethodArguments));
        return Known.GetOrAdd(method, static method => new WorkMethod(method));
    }

    /// <summary>Calls the method; what it throws comes through as it is.</summary>
    public object? Invoke(object?[] arguments) =>
        Method.Invoke(Method.IsStatic ? null : LambdaClassOf(Method), BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static bool HasOneTarget(Delegate work) =>
#if NET9_0_OR_GREATER
        work.HasSingleTarget;
#else
        work.GetInvocationList().Length == 1;
#endif

    private static WorkMethod Add(MethodInfo method, string parameter)
    {
        var assembly = method.Module.Assembly;
        if (method.DeclaringType is null || assembly.IsDynamic || AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default)
        {
            throw new ArgumentException(
                $"{method.DeclaringType}.{method.Name} was made at run time or loaded apart from the program; a worker, which is the program started again, doesn't have it.",
                parameter);
        }

        return Known.GetOrAdd(method, static method => new WorkMethod(method));
    }

    private static bool HasState([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields)] Type type) =>
        !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0;

    // The class that holds a type's lambdas has neither fields nor a constructor that does anything.
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "No constructor is called.")]
    private static object LambdaClassOf(MethodInfo method) => RuntimeHelpers.GetUninitializedObject(method.DeclaringType!);

    private static string[] NamesOf(Type[] types) => Array.ConvertAll(types, static type => type.AssemblyQualifiedName!);

    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    private static Type[] TypesOf(string[] names) => Array.ConvertAll(names, static name => Type.GetType(name, throwOnError: true)!);
}
