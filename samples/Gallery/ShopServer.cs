using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ConcurrencyAnalyzers.Runtime;

namespace Gallery;

/// <summary>
/// A small shop on the loopback interface. As real ones do, it slows down when it has too much to do at once, and now and
/// then it fails: every fifth audit entry and every seventh notification.
/// </summary>
public sealed class ShopServer : IDisposable
{
    private const int Products = 400;
    private const int Comfortable = 32;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(8);

    private readonly HttpListener _listener;
    private readonly ConcurrentDictionary<int, int> _paymentPolls = [];
    private readonly Gauge _requests = new();
    private readonly Gauge _reservations = new();
    private int _failures;

    private ShopServer(HttpListener listener, Uri address)
    {
        _listener = listener;
        Address = address;
    }

    public Uri Address { get; }

    public int PeakRequests => _requests.Peak;

    public int PeakReservations => _reservations.Peak;

    /// <summary>Requests that were answered with a failure, each of them an exception for the client.</summary>
    public int Failures => _failures;

    public static ShopServer Start()
    {
        for (var attempt = 1; ; attempt++)
        {
            var address = $"http://127.0.0.1:{FreePort()}/";
            var listener = new HttpListener();
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
            }
            catch (HttpListenerException) when (attempt < 5)
            {
                continue; // Somebody took the port in between.
            }

            var server = new ShopServer(listener, new Uri(address));
            server.ListenAsync().Observe();
            return server;
        }
    }

    /// <summary>Ends when there was nothing to do for a while.</summary>
    public async Task WhenIdleAsync()
    {
        for (var quiet = 0; quiet < 5;)
        {
            await Task.Delay(20);
            quiet = _requests.Current == 0 ? quiet + 1 : 0;
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            AnswerAsync(context).Observe();
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using (_requests.Enter())
        {
            var parts = context.Request.Url!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var number = parts.Length > 1 ? int.Parse(parts[1]) : 0;
            await WorkAsync(_requests.Current, Comfortable);
            var (status, text) = parts[0] switch
            {
                "catalog" => (200, string.Join('\n', Enumerable.Range(1, Products).Select(i => $"product/{i}"))),
                "product" => (200, $"Product {number};{100 + (number % 50)}"),
                "reserve" => await ReserveAsync(number),
                "payment" => (200, _paymentPolls.AddOrUpdate(number, 1, (_, polls) => polls + 1) > 3 ? "paid" : "open"),
                "audit" => number % 5 == 0 ? (500, "the audit log is full") : (200, "written"),
                "notify" => number % 7 == 0 ? (500, "no such customer") : (200, "sent"),
                _ => (404, ""),
            };

            if (status == 500)
                Interlocked.Increment(ref _failures);

            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
            context.Response.Close();
        }
    }

    private async Task<(int Status, string Text)> ReserveAsync(int number)
    {
        using (_reservations.Enter())
        {
            await WorkAsync(_reservations.Current, comfortable: 4);
            return (200, $"reserved {number}");
        }
    }

    /// <summary>Beyond the load that it can take, time goes into the crowd itself.</summary>
    private static Task WorkAsync(int load, int comfortable)
    {
        var crowd = Math.Max(1, (double)load / comfortable);
        return Task.Delay(Latency * crowd * crowd);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
