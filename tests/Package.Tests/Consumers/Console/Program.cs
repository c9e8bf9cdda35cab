using Consumer;
using Gallery;

Thread.Sleep(1); // expect: CONC101
var shop = new Shop();
Console.WriteLine(await shop.TotalAsync(["apple", "pear", "plum"], CancellationToken.None));
Console.WriteLine(await shop.OrderAsync("apple", CancellationToken.None));
Console.WriteLine(await Legacy.ReadAsync());
Console.WriteLine(await Quiet.ReadAsync());
Console.WriteLine(await new Prices().CountAsync());
Console.WriteLine(await new Warehouse().TakeStockAsync(["bolts", "nuts", "washers"]));

List<Product> products = [.. Enumerable.Range(1, 40).Select(number => new Product($"Product {number}", 100 + number))];
List<Order> orders = [.. products.Take(3).Select((product, index) => new Order(index + 1, product))];
Console.WriteLine(await new Deliveries().SendAsync(orders, CancellationToken.None));
Console.WriteLine(await new Reports().MakeAsync(orders));
Console.WriteLine(await new CashDesk().CloseAsync(orders, CancellationToken.None));
Console.WriteLine(await new Receipts().HandOutAsync(orders, CancellationToken.None));
Console.WriteLine(await new Catalogue(workers: null).MeasureAsync(products, 'o'));

var index = new StockIndex(products);
await index.ChangeAsync(products[0], CancellationToken.None);
Console.WriteLine(await index.BuildAsync(CancellationToken.None));
Console.WriteLine(await index.UpdateAsync(CancellationToken.None));
