using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace ConcurrencyAnalyzers.Runtime.Tests;

/// <summary>
/// Runs random command sequences against a model. MODEL_SEQUENCES sets how many (2,000 without it), MODEL_SEED
/// ("seed,gamma", as a failure prints it) repeats a run; a sequence that fails is shrunk to a short one.
/// </summary>
internal static class ModelCheck
{
    public static void Run<TCommand>(Gen<TCommand> command, int maxLength, Func<TCommand[], Task> check)
    {
        var sequences = Arb.From(command.ListOf().Select(static commands => commands.ToArray()), Shrink);
        var config = Config.QuickThrowOnFailure.WithMaxTest(Count("MODEL_SEQUENCES", 2_000)).WithEndSize(maxLength);
        if (Environment.GetEnvironmentVariable("MODEL_SEED") is { Length: > 0 } seed)
        {
            var parts = seed.Split(',');
            config = config.WithReplay(new Replay(
                new Rnd(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture)),
                size: null));
        }

        Prop.ForAll(sequences, check).Check(config);
    }

    private static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : otherwise;

    /// <summary>Half the sequence, then the sequence without one of its commands.</summary>
    private static IEnumerable<TCommand[]> Shrink<TCommand>(TCommand[] commands)
    {
        if (commands.Length > 3)
        {
            yield return commands[..(commands.Length / 2)];
            yield return commands[(commands.Length / 2)..];
        }

        for (var i = 0; i < commands.Length; i++)
            yield return [.. commands[..i], .. commands[(i + 1)..]];
    }
}
