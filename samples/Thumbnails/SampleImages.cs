using System.Text;

namespace Thumbnails;

/// <summary>Good images, and one for each way to hurt a decoder.</summary>
internal static class SampleImages
{
    public static void WriteTo(string folder)
    {
        for (var i = 1; i <= 6; i++)
            Write($"photo-{i}.ppm", "P6 320 240 255\n", 320 * 240 * 3);
        Write("corrupt.ppm", "P6 8000 2000 255\n", 100);
        Write("bomb.ppm", "P6 40000 40000 255\n", 100);
        Write("endless.ppm", "P6 # a comment that never ends", 0);
        Write("text.ppm", "This is no image.\n", 0);

        void Write(string name, string header, int pixels)
        {
            using var file = File.Create(Path.Combine(folder, name));
            file.Write(Encoding.ASCII.GetBytes(header));
            var bytes = new byte[pixels];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)i;
            file.Write(bytes);
        }
    }
}
