namespace Consumer;

/// <summary>.editorconfig sets the rule's category to suggestion for this file.</summary>
public static class Quiet
{
    public static async Task<string> ReadAsync()
    {
        Thread.Sleep(1); // expect: CONC101:note
        await Task.Yield();
        return "quiet";
    }
}
