using ScottPlot;
using SkiaSharp;

namespace KernelPolicy.Cli.Plots;

/// <summary>
/// The font of the pictures, carried within the program: a machine with nothing but the .NET SDK has no fonts, and text in
/// a font that is not there is left out without a word. It also makes pictures alike on every machine.
/// </summary>
internal sealed class PlotFont : IFontResolver
{
    /// <summary>Name by which ScottPlot asks for the font.</summary>
    public const string Name = "KernelPolicy Plot Sans";

    private const string Resource = "KernelPolicyPlotSans.ttf";

    private static readonly Lazy<SKTypeface> Typeface = new(Load);
    private static readonly Lazy<bool> Installed = new(AddToScottPlot);

    /// <summary>Makes the font ScottPlot's own, in this process; again and again does nothing more.</summary>
    public static void Use() => _ = Installed.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? Typeface.Value : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Typeface.Value : null;

    private static bool AddToScottPlot()
    {
        Fonts.FontResolvers.Insert(0, new PlotFont());
        Fonts.Default = Name;
        return true;
    }

    private static SKTypeface Load()
    {
        using Stream stream = typeof(PlotFont).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program lacks its resource {Resource}.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }
}
