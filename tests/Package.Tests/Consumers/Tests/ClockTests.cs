using Xunit;

public class ClockTests
{
    [Fact]
    public async Task Time_passes()
    {
        var start = Environment.TickCount64;
        Thread.Sleep(20); // expect: CONC101
        await Task.Yield();
        Assert.True(Environment.TickCount64 > start);
    }

    // A test that starts a hundred tasks at once means to.
    [Theory]
    [InlineData(100)]
    public async Task All_of_them_run(int count)
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, count).Select(async number =>
        {
            await Task.Yield();
            return number;
        }));
        Assert.Equal(count, numbers.Length);
    }
}
