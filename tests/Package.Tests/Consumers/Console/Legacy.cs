namespace Consumer;

/// <summary>.editorconfig sets the rule to none for this file.</summary>
public static class Legacy
{
    public static async Task<string> ReadAsync()
    {
        Thread.Sleep(1);
        await Task.Yield();
        return "legacy";
    }
}
