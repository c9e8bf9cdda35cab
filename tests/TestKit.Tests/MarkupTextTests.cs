using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.TestKit.Tests;

public sealed class MarkupTextTests
{
    [Fact]
    public void Anonymous_span() => Verify("a[|bc|]d", "abcd", new MarkupSpan(new TextSpan(1, 2)));

    [Fact]
    public void Named_span() => Verify("a{|CONC101:bc|}d", "abcd", new MarkupSpan(new TextSpan(1, 2), DiagnosticId: "CONC101"));

    [Fact]
    public void Numbered_span() => Verify("a{|#12:bc|}d", "abcd", new MarkupSpan(new TextSpan(1, 2), LocationKey: 12));

    [Fact]
    public void Nested_spans() => Verify("[|a{|X1:b|}c|]", "abc", new MarkupSpan(new TextSpan(0, 3)), new MarkupSpan(new TextSpan(1, 1), DiagnosticId: "X1"));

    [Fact]
    public void Empty_span() => Verify("a[||]b", "ab", new MarkupSpan(new TextSpan(1, 0)));

    [Theory]
    [InlineData("var x = new[] { a || b };")]
    [InlineData("int[] x = [a | b, c];")]
    [InlineData("if (x is { A: 1 } || y) { }")]
    [InlineData("$$\"\"\"{{x}}\"\"\"")]
    [InlineData("x |= y;")]
    public void Code_that_looks_like_markup(string code) => Verify(code, code);

    [Fact]
    public void Position() => Assert.Equal(2, MarkupText.Parse("ab$$c").Position);

    [Theory]
    [InlineData("[|a")]
    [InlineData("{|X1:a")]
    [InlineData("$$a$$")]
    public void Broken_markup(string markup) => Assert.Throws<RuleVerificationException>(() => MarkupText.Parse(markup));

    private static void Verify(string markup, string text, params MarkupSpan[] spans)
    {
        var parsed = MarkupText.Parse(markup);
        Assert.Equal(text, parsed.Text);
        Assert.Equal(spans, parsed.Spans);
        Assert.Null(parsed.Position);
    }
}
