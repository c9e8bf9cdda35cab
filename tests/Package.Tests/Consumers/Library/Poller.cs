using System;
using System.Threading;
using System.Threading.Tasks;

namespace Consumer.Library
{
    public class Poller
    {
        public async Task<int> PollAsync(Func<Task<bool>> isReady, CancellationToken cancellationToken)
        {
            var polls = 1;
            while (!await isReady())
            {
                Thread.Sleep(10); // expect: CONC101
                polls++;
            }

            return polls;
        }
    }
}
