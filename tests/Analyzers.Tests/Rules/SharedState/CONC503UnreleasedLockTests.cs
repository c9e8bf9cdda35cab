using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC503UnreleasedLockAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC503UnreleasedLockCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC503UnreleasedLockTests
{
    [Theory]
    // Something between the two can throw.
    [InlineData("await [|_semaphore.WaitAsync()|]; await WorkAsync(); _semaphore.Release();")]
    [InlineData("await [|_semaphore.WaitAsync(token)|].ConfigureAwait(false); await WorkAsync(); _semaphore.Release();")]
    [InlineData("[|_semaphore.Wait()|]; Work(); _semaphore.Release();")]
    [InlineData("[|_semaphore.Wait(1000)|]; Work(); _semaphore.Release();")]
    [InlineData("if (![|_semaphore.Wait(0)|]) return; Work(); _semaphore.Release();")]
    [InlineData("if (await [|_semaphore.WaitAsync(100)|]) { Work(); _semaphore.Release(); }")]
    [InlineData("var ok = [|_semaphore.Wait(0)|]; if (ok) { Work(); _semaphore.Release(); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; Work(); Monitor.Exit(_gate);")]
    [InlineData("if ([|Monitor.TryEnter(_gate)|]) { Work(); Monitor.Exit(_gate); }")]
    [InlineData("[|_lock.Enter()|]; Work(); _lock.Exit();")]
    [InlineData("[|_mutex.WaitOne()|]; Work(); _mutex.ReleaseMutex();")]
    [InlineData("[|_rw.EnterReadLock()|]; Work(); _rw.ExitReadLock();")]
    [InlineData("[|_rw.EnterWriteLock()|]; Work(); _rw.ExitWriteLock();")]
    [InlineData("var taken = false; [|_spin.Enter(ref taken)|]; Work(); _spin.Exit();")]
    [InlineData("[|_semaphore.Wait()|]; if (token.CanBeCanceled) throw new InvalidOperationException(); _semaphore.Release();")]
    // Something between taking it and the try can.
    [InlineData("await [|_semaphore.WaitAsync()|]; Work(); try { await WorkAsync(); } finally { _semaphore.Release(); }")]
    // A handler of some exceptions lets the others go.
    [InlineData("[|_semaphore.Wait()|]; try { Work(); } catch (InvalidOperationException) { } _semaphore.Release();")]
    [InlineData("[|_semaphore.Wait()|]; try { Work(); } catch (Exception) { throw; } _semaphore.Release();")]
    [InlineData("try { [|_semaphore.Wait()|]; Work(); _semaphore.Release(); } catch (Exception) { Console.WriteLine(); }")]
    // A way out without release.
    [InlineData("[|_semaphore.Wait()|]; if (token.CanBeCanceled) return; _semaphore.Release();")]
    [InlineData("while (true) { [|Monitor.Enter(_gate)|]; if (token.CanBeCanceled) return; Monitor.Exit(_gate); }")]
    // A loop's next turn takes it again.
    [InlineData("while (true) { [|_semaphore.Wait()|]; if (token.CanBeCanceled) continue; _count++; _semaphore.Release(); }")]
    [InlineData("foreach (var one in _list) { [|Monitor.Enter(_gate)|]; if (one == 3) { _count--; continue; } _count++; Monitor.Exit(_gate); }")]
    [InlineData("for (var i = 0; i < 3; i++) { if (i == 2) continue; [|_rw.EnterWriteLock()|]; if (_count == i) continue; _count++; _rw.ExitWriteLock(); }")]
    [InlineData("do { await [|_semaphore.WaitAsync()|]; if (_count == 3) continue; _count++; _semaphore.Release(); } while (_count < 10);")]
    // Inside the try whose finally releases it.
    [InlineData("try { await [|_semaphore.WaitAsync(token)|]; await WorkAsync(); } finally { _semaphore.Release(); }")]
    [InlineData("try { [|_semaphore.Wait(token)|]; Work(); } finally { _semaphore.Release(); }")]
    [InlineData("try { if (!await [|_semaphore.WaitAsync(100)|]) return; Work(); } finally { _semaphore.Release(); }")]
    [InlineData("try { if ([|Monitor.TryEnter(_gate)|]) { Work(); } } finally { Monitor.Exit(_gate); }")]
    [InlineData("try { await WorkAsync(); await [|_semaphore.WaitAsync()|]; Work(); } finally { _semaphore.Release(); }")]
    [InlineData("try { Work(); [|_rw.EnterReadLock()|]; } finally { _rw.ExitReadLock(); }")]
    [InlineData("await Task.Run(() => { [|_semaphore.Wait()|]; Work(); _semaphore.Release(); });")]
    [InlineData("using var own = new SemaphoreSlim(2); [|own.Wait()|]; Work(); own.Release();")]
    public Task Flagged(string statements) => VerifyAsync(Method(statements));

    [Theory]
    [InlineData("await _semaphore.WaitAsync(token); try { await WorkAsync(); } finally { _semaphore.Release(); }")]
    [InlineData("_semaphore.Wait(); try { Work(); } catch (Exception) { Work(); } finally { _semaphore.Release(); }")]
    [InlineData("if (!_semaphore.Wait(0)) return; try { Work(); } finally { _semaphore.Release(); }")]
    [InlineData("if (await _semaphore.WaitAsync(0)) { try { Work(); } finally { _semaphore.Release(); } }")]
    [InlineData("var ok = await _semaphore.WaitAsync(0); try { Work(); } finally { if (ok) _semaphore.Release(); }")]
    [InlineData("var ok = false; try { ok = await _semaphore.WaitAsync(100, token); Work(); } finally { if (ok) _semaphore.Release(); }")]
    [InlineData("var taken = false; try { Monitor.Enter(_gate, ref taken); Work(); } finally { if (taken) Monitor.Exit(_gate); }")]
    [InlineData("var taken = false; try { _spin.Enter(ref taken); Work(); } finally { if (taken) _spin.Exit(); }")]
    [InlineData("Monitor.Enter(_gate); try { Work(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("try { Monitor.Enter(_gate); Work(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("try { _rw.EnterWriteLock(); Work(); } finally { _rw.ExitWriteLock(); }")]
    [InlineData("try { await _semaphore.WaitAsync(); Work(); } finally { _semaphore.Release(); }")]
    [InlineData("try { await _semaphore.WaitAsync(CancellationToken.None); Work(); } finally { _semaphore.Release(); }")]
    // Nothing between them can throw.
    [InlineData("_semaphore.Wait(); _count++; _semaphore.Release();")]
    [InlineData("_semaphore.Wait(); _list.Add(1); var n = _list.Count; _semaphore.Release();")]
    [InlineData("Monitor.Enter(_gate); Interlocked.Increment(ref _count); Monitor.Exit(_gate);")]
    [InlineData("Monitor.Enter(_gate); Monitor.PulseAll(_gate); Monitor.Exit(_gate);")]
    [InlineData("await _semaphore.WaitAsync(); Console.WriteLine(\"in\"); try { Work(); } finally { _semaphore.Release(); }")]
    // A catch of everything releases it, or goes on to the release.
    [InlineData("_semaphore.Wait(); try { Work(); } catch { _semaphore.Release(); throw; } _semaphore.Release();")]
    [InlineData("_semaphore.Wait(); try { Work(); } catch (Exception e) { Console.WriteLine(e); } _semaphore.Release();")]
    [InlineData("_semaphore.Wait(); try { Work(); _semaphore.Release(); } catch (Exception) { _semaphore.Release(); }")]
    [InlineData("try { await _semaphore.WaitAsync(); Work(); _semaphore.Release(); } catch (Exception) { _semaphore.Release(); }")]
    // Taken here and released elsewhere: a signal, a gate for work that goes on.
    [InlineData("await _semaphore.WaitAsync(token); Work();")]
    [InlineData("await _semaphore.WaitAsync(token); _ = Task.Run(() => { Work(); _semaphore.Release(); });")]
    [InlineData("await _semaphore.WaitAsync(); await Task.Run(async () => { try { await WorkAsync(); } finally { _semaphore.Release(); } });")]
    [InlineData("await _semaphore.WaitAsync(); await WorkAsync(); Release(); void Release() => _semaphore.Release();")]
    [InlineData("await _signal.WaitAsync(token); Work(); _signal.Release();")]
    [InlineData("await _semaphore.WaitAsync(); Work(); _other.Release();")]
    [InlineData("var signal = new SemaphoreSlim(0); signal.Wait(); Work(); signal.Release();")]
    // A catch of everything that goes round a loop, out of which a finally gives the lock back.
    [InlineData("await _semaphore.WaitAsync(); try { while (_count < 3) { for (var i = 0; i < 5; i++) { try { await WorkAsync(); } catch (Exception) { continue; } break; } _count++; } } finally { _semaphore.Release(); }")]
    [InlineData("await _semaphore.WaitAsync(); try { for (var i = 0; i < 5; i++) { try { await WorkAsync(); } catch (Exception e) { Console.WriteLine(e); } } _count++; } finally { _semaphore.Release(); }")]
    // What is called between only computes.
    [InlineData("var taken = false; _spin.Enter(ref taken); if (_count > 3) Reset(1); else Reset(_count + 1); var pair = new Pair(_count, 2); var v = System.Runtime.Intrinsics.Vector128.Create(_count, 1, 2, 3); v = System.Runtime.Intrinsics.Vector128.Add(v, v); var w = System.Runtime.CompilerServices.Unsafe.As<int, uint>(ref _count); if (taken) _spin.Exit();")]
    // As many as were taken are given back.
    [InlineData("var n = 0; try { for (; n < 3; n++) await _semaphore.WaitAsync(token); await WorkAsync(); } finally { _semaphore.Release(n); }")]
    [InlineData("while (_count < 9) { for (var i = 0; i < 3; i++) _semaphore.Wait(); _count++; for (var i = 0; i < 3; i++) _semaphore.Release(); }")]
    [InlineData("while (_count < 9) { for (var i = 0; i < 3; i++) { if (i == 1) continue; _semaphore.Wait(); } _count++; _semaphore.Release(2); }")]
    [InlineData("while (_count < 9) { _semaphore.Wait(); if (_count == 3) { _semaphore.Release(); continue; } _count++; _semaphore.Release(); }")]
    [InlineData("foreach (var one in _list) { _semaphore.Wait(); try { if (one == 3) continue; Work(); } finally { _semaphore.Release(); } }")]
    [InlineData("while (_count < 9) { if (token.CanBeCanceled) _semaphore.Wait(); _count++; if (token.CanBeCanceled) _semaphore.Release(); }")]
    [InlineData("_semaphore.Wait(); while (_count < 9) { if (_count == 3) continue; _count++; } _semaphore.Release();")]
    // Given back in another branch, for another time.
    [InlineData("if (_count > 3) { _semaphore.Release(1); } else if (_count < 2) { for (; _count < 2; _count++) { await _semaphore.WaitAsync(); } } await WorkAsync();")]
    // Given back where what is awaited is cancelled, and else by who is served.
    [InlineData("try { await _semaphore.WaitAsync(token); await WorkAsync(); } catch (OperationCanceledException) { _semaphore.Release(); throw; }")]
    // Given back for a while.
    [InlineData("await _semaphore.WaitAsync(token); try { _semaphore.Release(); try { await WorkAsync(); } finally { await _semaphore.WaitAsync(); } } finally { _semaphore.Release(); }")]
    [InlineData("_rw.EnterUpgradeableReadLock(); try { _rw.EnterWriteLock(); try { Work(); } finally { _rw.ExitWriteLock(); } } finally { _rw.ExitUpgradeableReadLock(); }")]
    [InlineData("var task = _semaphore.WaitAsync(); await task; Work(); _semaphore.Release();")]
    [InlineData("_event.WaitOne(); Work(); _event.Set();")]
    [InlineData("lock (_gate) { Work(); }")]
    public Task Not_flagged(string statements) => VerifyAsync(Method(statements));

    [Fact]
    public Task Releaser_and_hand_over() => VerifyAsync(
        """
        class C
        {
            private readonly SemaphoreSlim _gate = new(1, 1);
            private bool _closed;

            public async Task<IDisposable> EnterAsync(CancellationToken token)
            {
                await _gate.WaitAsync(token);
                return new Releaser(_gate);
            }

            public async Task<bool> TryBeginAsync()
            {
                await _gate.WaitAsync();
                if (_closed)
                {
                    _gate.Release();
                    return false;
                }

                return true;
            }

            public void End() => _gate.Release();

            private sealed class Releaser(SemaphoreSlim gate) : IDisposable
            {
                public void Dispose() => gate.Release();
            }
        }
        """);

    [Fact]
    public Task Who_takes_it_anew_gives_back_its_own() => VerifyAsync(
        """
        class C
        {
            private readonly SemaphoreSlim _gate = new(1, 1);
            private readonly object _sync = new();
            private int _count;

            public void Add(int n)
            {
                [|_gate.Wait()|];
                if (n == 0)
                    return;
                _count += n;
                _gate.Release();
            }

            public async Task<int> ReadAsync()
            {
                await _gate.WaitAsync();
                try { return _count; } finally { _gate.Release(); }
            }

            public void Reset()
            {
                if (!_gate.Wait(0))
                    return;
                _count = 0;
                _gate.Release();
            }

            public bool Set(int n)
            {
                [|Monitor.Enter(_sync)|];
                if (n < 0)
                    return false;
                _count = n;
                Monitor.Exit(_sync);
                return true;
            }

            public void Clear()
            {
                Monitor.Enter(_sync);
                _count = 0;
                Monitor.Exit(_sync);
            }
        }
        """);

    [Fact]
    public Task Handed_on_after_a_look() => VerifyAsync(
        """
        class C
        {
            private readonly SemaphoreSlim _gate = new(1, 1);
            private Task _flush = Task.CompletedTask;

            public Task SendAsync()
            {
                if (!_gate.Wait(0))
                    return SendSlowlyAsync(isHeld: false);

                if (IsBusy(_flush))
                    return SendSlowlyAsync(isHeld: true);

                try
                {
                    Write();
                }
                finally
                {
                    _gate.Release();
                }

                return Task.CompletedTask;
            }

            private async Task SendSlowlyAsync(bool isHeld)
            {
                if (!isHeld)
                    await _gate.WaitAsync();
                try
                {
                    await _flush;
                    Write();
                }
                finally
                {
                    _gate.Release();
                }
            }

            private static bool IsBusy(Task task) { Write(); return !task.IsCompleted; }
            private static void Write() => Console.WriteLine(int.Parse("1"));
        }
        """);

    [Fact]
    public Task Handed_on_after_an_await() => VerifyAsync(
        """
        class C
        {
            private readonly SemaphoreSlim _gate = new(1, 1);
            private readonly SemaphoreSlim _rate = new(1, 1);
            private bool _closed;

            public async Task<bool> TryBeginAsync(CancellationToken token)
            {
                await [|_gate.WaitAsync(token)|];
                await _rate.WaitAsync(token);
                if (_closed)
                {
                    _gate.Release();
                    return false;
                }

                return true;
            }

            public void End() => _gate.Release();
        }
        """);

    [Fact]
    public Task Iterator_and_property() => VerifyAsync(
        """
        class C
        {
            private SemaphoreSlim Gate { get; } = new(1, 1);
            private readonly Dictionary<string, SemaphoreSlim> _gates = [];

            public int Value
            {
                get
                {
                    [|Gate.Wait()|];
                    var value = Compute();
                    Gate.Release();
                    return value;
                }
            }

            public void Keyed(string key)
            {
                [|_gates[key].Wait()|];
                Compute();
                _gates[key].Release();
            }

            public static int Compute() => int.Parse("1");
        }
        """);

    [Theory]
    [InlineData("var lease = await [|limiter.AcquireAsync()|]; await Task.Yield(); lease.Dispose();")]
    [InlineData("var lease = [|limiter.AttemptAcquire()|]; if (lease.IsAcquired) await Task.Yield(); lease.Dispose();")]
    [InlineData("using var lease = await limiter.AcquireAsync(); await Task.Yield();")]
    [InlineData("var lease = await limiter.AcquireAsync(); try { await Task.Yield(); } finally { lease.Dispose(); }")]
    [InlineData("var lease = await limiter.AcquireAsync(); lease.Dispose(); await Task.Yield();")]
    [InlineData("var lease = await limiter.AcquireAsync(); await Task.Yield();")]
    [InlineData("var lease = await limiter.AcquireAsync(); _ = Task.Run(() => lease.Dispose()); await Task.Yield();")]
    public Task Leases(string statements) => VerifyAsync("using System.Threading.RateLimiting;\nclass C { async Task M(RateLimiter limiter) { " + statements + " } }");

    [Fact]
    public Task The_message_names_the_line() => new Verify.Test
    {
        TestCode =
            """
            class C
            {
                private readonly SemaphoreSlim _gate = new(1);

                async Task M()
                {
                    await {|#0:_gate.WaitAsync()|};
                    await Task.Delay(1);
                    _gate.Release();
                }
            }
            """,
        ExpectedDiagnostics = { Verify.Diagnostic().WithLocation(0).WithArguments("_gate", "stays taken when line 8 throws; release it in a finally") },
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => new Verify.Test
    {
        TestCode = "// <auto-generated/>\n" + Method("_semaphore.Wait(); Work(); _semaphore.Release();"),
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("_semaphore.Wait(); Work(); _semaphore.Release(")]
    [InlineData("_semaphore.Wait(; try { } finally")]
    [InlineData("missing.Wait(); Work(); missing.Release();")]
    public Task Broken_code(string statements) => new Verify.Test
    {
        TestCode = "class C { SemaphoreSlim _semaphore; void Work() { } void M() { " + statements,
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    private static Task VerifyAsync(string code) => new Verify.Test { TestCode = code }.RunAsync();

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private static readonly object _gate = new();
            private static readonly Lock _lock = new();
            private static readonly Mutex _mutex = new();
            private static readonly ReaderWriterLockSlim _rw = new();
            private static readonly SemaphoreSlim _semaphore = new(1, 1);
            private static readonly SemaphoreSlim _other = new(1, 1);
            private static readonly SemaphoreSlim _signal = new(0);
            private static readonly AutoResetEvent _event = new(true);
            private static readonly List<int> _list = [];
            private static SpinLock _spin;
            private static int _count;

            async Task M(CancellationToken token)
            {
                await Task.Yield();
                {{statements}}
            }

            private static void Work() => _list.Sort();

            private static void Reset(int to) => _count = (int)(to & 0xFFFF);

            private readonly struct Pair { public readonly int A, B; public Pair(int a, int b) { A = a; B = b; } }

            private static Task WorkAsync() => Task.CompletedTask;
        }
        """;
}
