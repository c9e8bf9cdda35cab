namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Sends each request of an HttpClient through a <see cref="ResiliencePolicy"/>.</summary>
/// <remarks>
/// The policy's times end with the response's headers; HttpClient's own timeout bounds the body. The breaker learns which responses are
/// failures by <see cref="CircuitBreakerOptions.ShouldHandleResult{TResult}"/> for <see cref="HttpResponseMessage"/>; without it, every
/// response is a success and exceptions alone are failures. As thread-safe as the handler inside.
/// </remarks>
public sealed class ResiliencePolicyHandler : DelegatingHandler
{
    private readonly ResiliencePolicy _policy;

    /// <summary>Makes a handler whose inner handler is set later, as IHttpClientFactory does.</summary>
    /// <exception cref="ArgumentNullException">The policy is null.</exception>
    public ResiliencePolicyHandler(ResiliencePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
    }

    /// <summary>Makes a handler around another one, which is disposed with it. The policy isn't.</summary>
    /// <exception cref="ArgumentNullException">The policy or the inner handler is null.</exception>
    public ResiliencePolicyHandler(ResiliencePolicy policy, HttpMessageHandler innerHandler)
        : base(innerHandler)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _policy.ExecuteAsync(
            static (it, cancellationToken) => it.Handler.SendInnerAsync(it.Request, cancellationToken),
            (Handler: this, Request: request),
            cancellationToken).AsTask();

    /// <summary>Not supported: a policy waits asynchronously, and a blocking wrapper would hide that.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A ResiliencePolicyHandler sends asynchronously only; use HttpClient.SendAsync.");

    private ValueTask<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(base.SendAsync(request, cancellationToken));
}
