using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace KernelPolicy.Cli.Options;

/// <summary>Makes options that check their value and say, where it is wrong, what would be right.</summary>
internal static class OptionFactory
{
    /// <summary>A number within limits, both included.</summary>
    public static Option<T> Number<T>(string name, string description, T value, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string range = Range(least, most);
        return new Option<T>(name)
        {
            Description = description,
            HelpName = "number",
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, least, most, range),
        };
    }

    /// <summary>A number within limits, both included, or none.</summary>
    public static Option<T?> OptionalNumber<T>(string name, string description, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string range = Range(least, most);
        return new Option<T?>(name)
        {
            Description = description,
            HelpName = "number",
            CustomParser = result => Parse(result, name, least, most, range),
        };
    }

    /// <summary>A number within limits, both included, or one word, which is bound to NaN: a null that was parsed cannot be got
    /// back.</summary>
    public static Option<double> NumberOr(string word, string name, string description, double value, double least, double most)
    {
        string range = $"{Range(least, most)} or {word}";
        return new Option<double>(name)
        {
            Description = description,
            HelpName = $"number|{word}",
            DefaultValueFactory = _ => value,
            CustomParser = result => result.Tokens[^1].Value == word ? double.NaN : Parse(result, name, least, most, range),
        };
    }

    /// <summary>One word of several.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it decides.</param>
    /// <param name="words">The words; the first is the default.</param>
    public static Option<string> Choice(string name, string description, params string[] words)
    {
        Option<string> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => words[0],
            CustomParser = result =>
            {
                string given = result.Tokens[^1].Value;
                if (words.Contains(given, StringComparer.Ordinal))
                    return given;
                result.AddError($"{name} is '{given}'; it must be one of {string.Join(", ", words)}.");
                return words[0];
            },
        };
        option.CompletionSources.Add(_ => words.Select(word => new System.CommandLine.Completions.CompletionItem(word)));
        return option;
    }

    /// <summary>A choice between the values of an enumeration, named in lower case.</summary>
    public static T Value<T>(this ParseResult parsed, Option<string> choice)
        where T : struct, Enum => Enum.Parse<T>(parsed.GetRequiredValue(choice), ignoreCase: true);

    /// <summary>A column and the value that rows must hold in it, or neither.</summary>
    public static Option<(string Column, string Value)?> ColumnValue(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "COLUMN=VALUE",
        CustomParser = result =>
        {
            string given = result.Tokens[^1].Value;
            int equals = given.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                return (given[..equals], given[(equals + 1)..]);
            result.AddError($"{name} is '{given}'; it must name a column and its value, such as is_read=1.");
            return null;
        },
    };

    /// <summary>A switch that is off unless given.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>A text that need not be given.</summary>
    public static Option<string?> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>One or more texts after one option.</summary>
    public static Option<string[]> Texts(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static string Range<T>(T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> => (least == T.MinValue, most == T.MaxValue) switch
    {
        (true, true) => "",
        (false, true) => $" of at least {least}",
        (true, false) => $" of at most {most}",
        _ => $" from {least} to {most}",
    };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most, string range)
        where T : struct, INumber<T>
    {
        string given = result.Tokens[^1].Value;
        // Without thousands separators: "0,5" would be read as 5.
        if (T.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most)
            return value;
        // One half is no whole number, so that division tells the two kinds of type apart.
        string kind = T.IsZero(T.One / (T.One + T.One)) ? "a whole number" : "a number";
        result.AddError($"{name} is '{given}'; it must be {kind}{range}.");
        return least;
    }
}
