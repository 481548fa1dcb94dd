using System.Globalization;
using System.Reflection;
using KernelPolicy.Index;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Sets options of the graph by name, so that a variant is an argument and no change to this program.</summary>
internal static class NamedOptions
{
    /// <summary>Options from "Name=Value" settings.</summary>
    /// <exception cref="ArgumentException">A setting names no option, or its value does not fit.</exception>
    public static HnswOptions Create(IEnumerable<string> settings)
    {
        HnswOptions options = new();
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            PropertyInfo? property = equals > 0 ? typeof(HnswOptions).GetProperty(setting[..equals]) : null;
            if (property is not { CanWrite: true })
            {
                string names = string.Join(", ", typeof(HnswOptions).GetProperties().Where(p => p.CanWrite).Select(p => p.Name));
                throw new ArgumentException($"'{setting}' should be Name=Value, with a name of {names}.", nameof(settings));
            }

            try
            {
                property.SetValue(options, Parse(property.PropertyType, setting[(equals + 1)..]));
            }
            catch (Exception e) when (e is FormatException or TargetInvocationException or ArgumentException or OverflowException)
            {
                throw new ArgumentException($"'{setting}': {(e.InnerException ?? e).Message}", nameof(settings), e);
            }
        }

        return options;
    }

    private static object Parse(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.Parse(type, text, ignoreCase: true) : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
    }
}
