using System.Collections.Generic;

namespace Consumer.Styles;

public class ScopedTabs
{
	public async Task<int[]> LoadAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
	{
		Thread.Sleep(5); // expect: CONC101

		// All of them at once.
		return await Task.WhenAll(names.Select(name => LengthAsync(name, cancellationToken))); // expect: CONC201
	}

	private void Forget(string name)
	{
		WarmUpAsync(name); // expect: CONC301
	}

	private static Task WarmUpAsync(string name) => LengthAsync(name, CancellationToken.None);

	private static async Task<int> LengthAsync(string name, CancellationToken cancellationToken)
	{
		await Task.Delay(1, cancellationToken);
		return name.Length;
	}
}
