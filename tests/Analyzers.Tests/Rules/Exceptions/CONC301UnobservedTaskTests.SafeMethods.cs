using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

/// <content>Methods whose task may be forgotten: mocks, assertions, rendering, what the options name.</content>
public sealed partial class CONC301UnobservedTaskTests
{
    [Fact]
    public Task Blazor_asks_to_be_rendered() => Verify.VerifyAnalyzerAsync(
        """
        class Counter : Components.ComponentBase
        {
            void OnChange() => InvokeAsync(StateHasChanged);
            void OnTick() { InvokeAsync(StateHasChanged); [|InvokeAsync(LoadAsync)|]; }
            Task LoadAsync() => Task.Delay(1);
        }

        namespace Components
        {
            class ComponentBase
            {
                protected void StateHasChanged() { }
                protected Task InvokeAsync(Action action) => Task.Run(action);
                protected Task InvokeAsync(Func<Task> action) => Task.Run(action);
            }
        }
        """);

    [Fact]
    public Task An_assertion_about_what_code_throws() => Verify.VerifyAnalyzerAsync(
        """
        using Assertions;

        class C
        {
            void M() => Assert.That(() => { F(); }, null);
            Task F() => Task.Delay(1);
        }

        namespace Assertions
        {
            static class Assert { public static void That(Action code, object? constraint) { } }
        }
        """);

    [Fact]
    public Task Mocks() => Verify.VerifyAnalyzerAsync(
        """
        using FakeItEasy;
        using Moq;
        using NSubstitute;

        class Tests
        {
            void M(IService service, Mock<IService> mock)
            {
                service.Received().RunAsync();
                service.Received(2).RunAsync();
                service.When(x => x.RunAsync());
                Received.InOrder(() =>
                {
                    service.RunAsync();
                    service.RunAsync();
                });
                Fake.Describe(() => service.RunAsync());
                mock.Verify(x => x.RunAsync());
                [|service.RunAsync()|];
                [|mock.Object.RunAsync()|];
            }
        }

        public interface IService { Task RunAsync(); }

        namespace NSubstitute
        {
            static class Substitute
            {
                public static T Received<T>(this T service, int calls = 1) => service;
                public static void When<T>(this T service, Action<T> call) { }
            }

            static class Received
            {
                public static void InOrder(Action calls) { }
            }
        }

        namespace FakeItEasy
        {
            static class Fake
            {
                public static void Describe(Action call) { }
            }
        }

        namespace Moq
        {
            class Mock<T> where T : class
            {
                public T Object => null!;
                public void Verify(Action<T> call) { }
            }
        }
        """);

    [Fact]
    public Task Assertions_on_what_is_thrown() => Verify.VerifyAnalyzerAsync(
        """
        using Testing;

        class Tests
        {
            void M(Worker worker)
            {
                Assert.Throws<ArgumentException>(() => worker.RunAsync());
                var exception = Record.Exception(() => worker.RunAsync());
                Action act = () => worker.RunAsync();
                act.Should();
                Action run = () => [|worker.RunAsync()|];
                run();
                [|Assert.ThrowsAsync<ArgumentException>(() => worker.RunAsync())|];
                Assert.DoesNotThrow(() => [|worker.RunAsync()|]);
            }
        }

        namespace Testing
        {
            static class Assert
            {
                public static T Throws<T>(Action act) where T : Exception => null!;
                public static Task<T> ThrowsAsync<T>(Func<Task> act) where T : Exception => Task.Run(() => default(T)!);
                public static void DoesNotThrow(Action act) { }
            }

            static class Record
            {
                public static Exception? Exception(Action act) => null;
            }

            static class Extensions
            {
                public static object Should(this Action act) => act;
            }
        }
        """ + Worker);

    [Fact]
    public Task Methods_that_are_safe_to_forget() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            void M(Task task)
            {
                FireAndForgetAsync();
                SendAndForget();
                Annotated();
                AnnotatedReturn();
                task.Forget();
                task.LogFaults();
                task.ObserveFaults();
                [|task.WithTimeout()|];
                [|ForgetUserAsync()|];
                [|HandleRequestAsync()|];
            }

            Task FireAndForgetAsync() => Task.Delay(1);
            Task SendAndForget() => Task.Delay(1);
            Task ForgetUserAsync() => Task.Delay(1);
            Task HandleRequestAsync() => Task.Delay(1);
            [SafeToForget] Task Annotated() => Task.Delay(1);
            [return: FireAndForget] Task AnnotatedReturn() => Task.Delay(1);
        }

        [AttributeUsage(AttributeTargets.Method)] class SafeToForgetAttribute : Attribute;
        [AttributeUsage(AttributeTargets.ReturnValue)] class FireAndForgetAttribute : Attribute;

        static class Extensions
        {
            public static Task Forget(this Task task) => task;
            public static Task LogFaults(this Task task) => task;
            public static Task ObserveFaults(this Task task) => task;
            public static Task WithTimeout(this Task task) => task;
        }
        """);

    [Theory]
    [InlineData("RunAsync")]
    [InlineData("Worker.RunAsync")]
    [InlineData("Jobs.Worker.RunAsync")]
    [InlineData("Other, Jobs.Worker.RunAsync; More")]
    public Task Methods_that_the_options_name(string methods) => WithSafeMethods(methods, "RunAsync(); [|StopAsync()|];");

    [Theory]
    [InlineData("Job.RunAsync")]
    [InlineData("Run")]
    [InlineData("Jobs.RunAsync")]
    public Task Other_methods_that_the_options_name(string methods) => WithSafeMethods(methods, "[|RunAsync()|];");

    [Fact]
    public Task Excluded_namespaces() => new Verify.Test
    {
        TestCode = "namespace Legacy.Jobs { class C { void M() => Task.Delay(1); } } namespace New { class C { void M() => [|Task.Delay(1)|]; } }",
        EditorConfig = "concurrency.exclude_namespaces = Legacy",
    }.RunAsync();

    private static Task WithSafeMethods(string methods, string statements) => new Verify.Test
    {
        TestCode =
            $$"""
            namespace Jobs;

            class Worker
            {
                public Task RunAsync() => Task.Delay(1);
                public Task StopAsync() => Task.Delay(1);
                void M() { {{statements}} }
            }
            """,
        EditorConfig = $"concurrency.safe_to_forget_methods = {methods}",
    }.RunAsync();
}
