namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Assertions about a call that is refused before there is a task.</summary>
internal static class TheCall
{
    public static TException Throws<TException>(Action call)
        where TException : Exception => Assert.Throws<TException>(call);
}
