// Reads a shop's whole catalogue, then orders from it, and measures what that does to the shop and to this process.
// The shop is a small HTTP server in this very program. What the rules find stands at the end of the line: the tests read
// it there, and 'stays' says that the finding has no fix.

using System.Diagnostics;
using Gallery;

using var server = ShopServer.Start();
using var shop = new HttpClient { BaseAddress = server.Address };
using var measurements = new Measurements(server);
Trace.Listeners.Add(measurements.Errors);

var products = await new Crawler(shop).ReadCatalogAsync(CancellationToken.None);
Console.WriteLine($"{products.Count} products, {products.Sum(product => product.Price):N0} in all");

var orders = products.Take(60).Select((product, number) => new Order(number + 1, product)).ToList();
var placed = await new OrderService(shop, new ShopAuditLog(shop)).PlaceAllAsync(orders, CancellationToken.None);
Console.WriteLine($"{placed} of {orders.Count} orders placed");

Console.WriteLine($"{await new PriceFeed(server.Address).ReadAllAsync(["catalog"])} prices compared");
Console.WriteLine(await new Warehouse().TakeStockAsync(["bolts", "nuts", "washers"]));
Console.WriteLine(await new Deliveries().SendAsync(orders.Take(3).ToList(), CancellationToken.None));
Console.WriteLine($"{await new Reports().MakeAsync(orders.Take(3).ToList())} pages printed");
Console.WriteLine(await new CashDesk().CloseAsync(orders.Take(3).ToList(), CancellationToken.None));
Console.WriteLine(await new Receipts().HandOutAsync(orders.Take(3).ToList(), CancellationToken.None));
Console.WriteLine(await new Catalogue(workers: null).MeasureAsync(products, 'o'));

var index = new StockIndex(products);
await index.ChangeAsync(products[0], CancellationToken.None);
Console.WriteLine(await index.BuildAsync(CancellationToken.None));
Console.WriteLine($"{await index.UpdateAsync(CancellationToken.None)} change in the index");

await server.WhenIdleAsync();
measurements.Print();
