using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Calls a method with what was sent, and waits for a task that it returns; as often as is asked.</summary>
internal sealed class WorkCall
{
    private readonly WorkMethod _method;
    private readonly WorkSerializer _serializer;
    private readonly Type[] _parameters;
    private readonly PropertyInfo? _taskResult;

    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    public WorkCall(WorkMethod method, WorkSerializer serializer)
    {
        _method = method;
        _serializer = serializer;
        _parameters = Array.ConvertAll(method.Method.GetParameters(), static parameter => parameter.ParameterType);
        var returned = method.Method.ReturnType;
        if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>))
            _taskResult = returned.GetProperty(nameof(Task<int>.Result));
        ResultType = _taskResult?.PropertyType ?? (returned == typeof(Task) ? typeof(void) : returned);
    }

    /// <summary>The type of what is sent back; void if nothing is.</summary>
    public Type ResultType { get; }

    public object? Invoke(ReadOnlyMemory<byte>? argument, CancellationToken cancellationToken)
    {
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = i == arguments.Length - 1 && _method.TakesToken
                ? cancellationToken
                : _serializer.Read(argument!.Value.Span, _parameters[i]);
        }

        var result = _method.Invoke(arguments);
        if (ResultType != typeof(void) && _taskResult is null)
            return result;
        if (_method.Method.ReturnType == typeof(void))
            return null;
        // The thread is the worker's own, and there for one call at a time.
        ((Task?)result ?? throw TaskFaults.NullTask()).GetAwaiter().GetResult();
        return _taskResult?.GetValue(result);
    }
}
