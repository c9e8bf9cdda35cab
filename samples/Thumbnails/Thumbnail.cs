using System.Globalization;
using System.Runtime.InteropServices;
using ConcurrencyAnalyzers.Runtime;

namespace Thumbnails;

/// <summary>What a worker gets: plain data, and a number that it shares with the parent.</summary>
internal sealed record ThumbnailJob(string File, int Width, SharedInt64 Pixels);

/// <summary>Makes thumbnails of portable pixmaps (P6), with the faults that fast decoders have.</summary>
internal static unsafe class Thumbnail
{
    /// <summary>Writes the thumbnail beside the file, and returns its size.</summary>
    public static string Make(ThumbnailJob job)
    {
        using var pixelsRead = job.Pixels;
        var bytes = File.ReadAllBytes(job.File);
        var (width, height, start) = ReadHeader(bytes);
        var image = (byte*)NativeMemory.Alloc((nuint)width * (nuint)height * 3);
        try
        {
            NativeMemory.Clear(image, (nuint)width * (nuint)height * 3);
            // Trusts the header: one that claims more than the file holds reads, and then crashes, beyond the array.
            fixed (byte* file = bytes)
            {
                for (var i = 0L; i < (long)width * height * 3; i++)
                    image[i] = file[start + i];
            }

            pixelsRead.Add((long)width * height);
            var step = Math.Max(1, width / job.Width);
            using var thumbnail = File.Create(Path.ChangeExtension(job.File, ".thumb"));
            thumbnail.Write(System.Text.Encoding.ASCII.GetBytes($"P6 {width / step} {height / step} 255\n"));
            for (var y = 0; y < height / step; y++)
            {
                for (var x = 0; x < width / step; x++)
                    thumbnail.Write(new ReadOnlySpan<byte>(image + ((((long)y * step * width) + (x * step)) * 3), 3));
            }

            return $"{width / step} x {height / step}";
        }
        finally
        {
            NativeMemory.Free(image);
        }
    }

    private static (int Width, int Height, int Start) ReadHeader(byte[] bytes)
    {
        var position = 0;
        if (Next() != "P6")
            throw new InvalidDataException("no portable pixmap");
        var width = int.Parse(Next(), CultureInfo.InvariantCulture);
        var height = int.Parse(Next(), CultureInfo.InvariantCulture);
        _ = Next();
        return (width, height, position);

        string Next()
        {
            var word = "";
            // Never ends on a comment without an end of line.
            for (var inComment = false; ; position += position < bytes.Length - 1 ? 1 : 0)
            {
                var character = (char)bytes[position];
                inComment = character == '#' || (inComment && character != '\n');
                if (inComment)
                    continue;
                if (!char.IsWhiteSpace(character))
                    word += character;
                else if (word.Length > 0)
                    break;
            }

            position++;
            return word;
        }
    }
}
