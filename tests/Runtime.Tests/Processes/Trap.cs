using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

internal enum TrapStage
{
    WriteArgument,
    ReadArgument,
    WriteResult,
    ReadResult,
}

internal enum TrapAct
{
    Throw,
    Exit,
    Crash,
}

/// <summary>A value that goes off where it is written or read, once.</summary>
[JsonConverter(typeof(TrapConverter))]
internal sealed record Trap(TrapStage Stage, TrapAct Act, int Parent)
{
    public static Trap At(TrapStage stage, TrapAct act) => new(stage, act, Environment.ProcessId);

    public void Reach(bool isWritten)
    {
        var isParent = Environment.ProcessId == Parent;
        if (Stage != (isWritten, isParent) switch
        {
            (true, true) => TrapStage.WriteArgument,
            (false, false) => TrapStage.ReadArgument,
            (true, false) => TrapStage.WriteResult,
            _ => TrapStage.ReadResult,
        })
        {
            return;
        }

        switch (Act)
        {
            case TrapAct.Exit:
                Environment.Exit(5);
                break;
            case TrapAct.Crash:
                Jobs.Crash();
                break;
            default:
                throw new InvalidOperationException($"trap at {Stage}");
        }
    }

    private sealed class TrapConverter : JsonConverter<Trap>
    {
        public override Trap Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var parts = reader.GetString()!.Split(' ');
            var trap = new Trap(Enum.Parse<TrapStage>(parts[0]), Enum.Parse<TrapAct>(parts[1]), int.Parse(parts[2], provider: null));
            trap.Reach(isWritten: false);
            return trap;
        }

        public override void Write(Utf8JsonWriter writer, Trap value, JsonSerializerOptions options)
        {
            value.Reach(isWritten: true);
            writer.WriteStringValue($"{value.Stage} {value.Act} {value.Parent}");
        }
    }
}
