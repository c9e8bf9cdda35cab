using Consumer;

Thread.Sleep(1); // expect: CONC101
var shop = new Shop();
Console.WriteLine(await shop.TotalAsync(["apple", "pear", "plum"], CancellationToken.None));
Console.WriteLine(await shop.OrderAsync("apple", CancellationToken.None));
Console.WriteLine(await Legacy.ReadAsync());
Console.WriteLine(await Quiet.ReadAsync());
