namespace Gallery;

public sealed record Product(string Name, int Price);

public sealed record Order(int Number, Product Product);
