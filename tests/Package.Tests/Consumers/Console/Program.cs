using Consumer;

Thread.Sleep(1); // expect: CONC101
var shop = new Shop();
Console.WriteLine(await shop.TotalAsync(["apple", "pear", "plum"], CancellationToken.None));
Console.WriteLine(await shop.OrderAsync("apple", CancellationToken.None));
Console.WriteLine(await Legacy.ReadAsync());
Console.WriteLine(await Quiet.ReadAsync());
Console.WriteLine(await new Prices().CountAsync());
Console.WriteLine(await new Warehouse().TakeStockAsync(["bolts", "nuts", "washers"]));
Console.WriteLine(await new Deliveries().SendAsync([1, 2, 3], CancellationToken.None));
Console.WriteLine(await new Reports().MakeAsync([1, 2, 3]));
