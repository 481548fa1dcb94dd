using System.Globalization;

namespace KernelPolicy.Data;

/// <summary>
/// The lasting order of ids: by value where all are integers as printed, else by the ordinal order of their text.
/// </summary>
internal static class IdOrder
{
    /// <summary>Sorts ids in place and carries their provisional numbers along.</summary>
    public static void Sort(string[] ids, int[] numbers)
    {
        if (TryValues(ids) is { } values)
        {
            int[] order = new int[ids.Length];
            for (int i = 0; i < order.Length; i++)
                order[i] = i;
            Array.Sort(values, order);
            Permute(ids, order);
            Permute(numbers, order);
        }
        else
        {
            Array.Sort(ids, numbers, StringComparer.Ordinal);
        }
    }

    /// <summary>The values, or null where an id is not an integer as printed: "007", "+7" and "-0" are texts, so that two
    /// ids never share a value.</summary>
    private static Int128[]? TryValues(string[] ids)
    {
        var values = new Int128[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            string id = ids[i];
            int sign = id.StartsWith('-') ? 1 : 0;
            bool leadingZero = id.Length > 1 && id[sign == 1 ? 1 : 0] == '0';
            if (leadingZero
                || !Int128.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i])
                || id.StartsWith('+'))
            {
                return null;
            }
        }

        return values;
    }

    private static void Permute<T>(T[] values, int[] order)
    {
        T[] old = (T[])values.Clone();
        for (int i = 0; i < order.Length; i++)
            values[i] = old[order[i]];
    }
}
