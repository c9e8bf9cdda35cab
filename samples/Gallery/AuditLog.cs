namespace Gallery;

public interface IAuditLog
{
    Task WriteAsync(string entry, int order);
}

/// <summary>The audit log of the shop, at the other end of the wire.</summary>
public sealed class ShopAuditLog(HttpClient shop) : IAuditLog
{
    public async Task WriteAsync(string entry, int order)
    {
        using var response = await shop.PostAsync($"audit/{order}", new StringContent(entry));
        response.EnsureSuccessStatusCode();
    }
}
