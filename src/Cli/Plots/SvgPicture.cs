using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;
using SkiaSharp;

namespace KernelPolicy.Cli.Plots;

/// <summary>Draws plots as SVG.</summary>
internal static partial class SvgPicture
{
    // Who opens an SVG seldom has our font; these have its metrics or come close, so that glyphs keep their places.
    private const string Fonts = "'DejaVu Sans', Verdana, sans-serif";

    /// <summary>The picture as text.</summary>
    public static string Of(Multiplot picture, int width, int height)
    {
        using MemoryStream stream = new();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), stream))
            picture.Render(canvas, new PixelRect(left: 0, right: width, bottom: height, top: 0));
        string svg = Encoding.UTF8.GetString(stream.ToArray()).Replace(PlotFont.Name, Fonts, StringComparison.Ordinal);
        // Skia ends lists of positions with a comma: strict readers then drop the list, and put the text elsewhere.
        svg = svg.Replace(", \"", "\"", StringComparison.Ordinal);
        // Skia numbers ids through the life of the process; here the same picture is the same text.
        Dictionary<string, string> ids = [];
        foreach (Match match in Ids().Matches(svg))
            ids.TryAdd(match.Value, $"p{ids.Count}");
        return Ids().Replace(svg, match => ids[match.Value]);
    }

    /// <summary>The picture as a part of a page: without the heading of a file, as wide as there is room for, and with ids of its own,
    /// since all pictures are drawn with the same ones.</summary>
    /// <param name="svg">What <see cref="Of"/> made.</param>
    /// <param name="prefix">Letters that no other picture of the page is given.</param>
    /// <param name="title">What it shows, for those who do not see it.</param>
    public static string Inline(string svg, string prefix, string title)
    {
        string body = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        body = Ids().Replace(body, match => prefix + match.Value);
        return Opening().Replace(
            body,
            match => $"<svg role=\"img\" viewBox=\"0 0 {match.Groups["width"].Value} {match.Groups["height"].Value}\"{match.Groups["rest"].Value}>"
                + $"<title>{System.Net.WebUtility.HtmlEncode(title)}</title>",
            1);
    }

    [GeneratedRegex("""(?<= id="|url\(#|href="#)[^")]+""")]
    private static partial Regex Ids();

    [GeneratedRegex("""<svg(?<rest1>[^>]*?) width="(?<width>[\d.]+)" height="(?<height>[\d.]+)"(?<rest>[^>]*)>""")]
    private static partial Regex Opening();
}
