using System.Globalization;

namespace KernelPolicy.Data;

/// <summary>Reads the rows of a delimited or Parquet file: one decision each.</summary>
internal sealed class BanditRows
{
    private const int ActionField = 0;
    private const int PropensityField = 1;
    private const int RewardField = 2;
    private const int PositionField = 3;
    private const int TimeField = 4;
    private const int FilterField = 5;
    private const int HistoryField = 6;
    private const int FirstFeatureField = 7;
    private const char ListMark = '\x1F';
    private const string PropensityExpected = "a propensity in (0, 1]";

    private readonly TableLayout _layout;
    private readonly BanditColumns _columns;
    private readonly BanditLogBuilder _builder;
    private readonly CellReader _cells;
    private readonly string? _filterValue;

    public BanditRows(TableLayout layout, BanditColumns columns, string? filterValue, BanditLogBuilder builder)
    {
        (_layout, _columns, _filterValue, _builder) = (layout, columns, filterValue, builder);
        _cells = new CellReader(layout);
    }

    /// <summary>Passes the rows that the filter lets through to the builder.</summary>
    /// <param name="duck">Parses.</param>
    /// <param name="types">Types of a Parquet file's columns, otherwise null.</param>
    /// <param name="report">Called now and then.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A field is not what its column must hold.</exception>
    public void Read(DuckSource duck, string[]? types, Action report, CancellationToken cancellationToken) =>
        duck.ForEachRow(
            _layout.File,
            Query(types),
            (reader, row) =>
            {
                _cells.MoveTo(reader, row);
                _builder.RowsRead++;
                if (_filterValue is not null && _cells.Text(FilterField) != _filterValue)
                    _builder.RowsFilteredOut++;
                else
                    AddRow();
            },
            report,
            cancellationToken);

    private void AddRow()
    {
        string action = _cells.Id(ActionField, _columns.Action, "an item id");
        if (!_builder.TryItem(action, out int item))
            throw _cells.Fault(_columns.Action, action, "an id of the items given");
        _builder.Actions.Add(item);
        _builder.Rewards.Add(Reward());
        if (_columns.Propensity >= 0)
        {
            double propensity = _cells.Number(PropensityField, _columns.Propensity, PropensityExpected);
            if (!(propensity is > 0 and <= 1))
                throw _cells.Fault(_columns.Propensity, _cells.Text(PropensityField), PropensityExpected);
            _builder.Propensities.Add(propensity);
        }

        if (_columns.Position >= 0)
            _builder.Positions.Add(Position());
        if (_columns.Time >= 0)
            _builder.Times.Add(Time());
        if (_columns.History >= 0)
            AddHistory(_cells.Text(HistoryField));
        _builder.Features?.Add(_cells, FirstFeatureField, _columns.Features);
    }

    private double Reward() => _cells.Text(RewardField) switch
    {
        "true" or "True" or "TRUE" => 1,
        "false" or "False" or "FALSE" => 0,
        _ => _cells.Number(RewardField, _columns.Reward, "a reward that is a finite number, or true or false"),
    };

    private int Position()
    {
        string? text = _cells.Text(PositionField);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int position)
            ? position
            : throw _cells.Fault(_columns.Position, text, "a position that is an integer of 32 bits");
    }

    private double Time()
    {
        // The first row says which kind the column holds: seconds of dates and a source's own numbers do not compare.
        string? text = _cells.Text(TimeField);
        if (_builder.TimesAreDates != true && IsFinite(text, out double time))
            _builder.TimesAreDates = false;
        else if (_builder.TimesAreDates != false && IsDate(text, out time))
            _builder.TimesAreDates = true;
        else
            throw _cells.Fault(_columns.Time, text, TimeExpected(_builder.TimesAreDates));
        return time;
    }

    private static string TimeExpected(bool? dates) => dates switch
    {
        true => "a date, as in the rows before",
        false => "a finite number, as in the rows before",
        _ => "a time: a finite number or a date such as 2019-11-24 00:03:13+00:00",
    };

    private static bool IsFinite(string? text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static bool IsDate(string? text, out double seconds)
    {
        bool isDate = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date);
        seconds = (date.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond;
        return isDate;
    }

    private void AddHistory(string? text)
    {
        _builder.StartHistory();
        if (text is null)
            return;

        // A LIST comes with a unit separator before each element, so that an empty element shows.
        bool isList = text.StartsWith(ListMark);
        ReadOnlySpan<char> ids = isList ? text.AsSpan(1) : text;
        foreach (Range range in ids.Split(isList ? ListMark : ' '))
        {
            ReadOnlySpan<char> id = ids[range];
            if (id.IsEmpty && !isList)
                continue;
            if (id.IsWhiteSpace())
                throw _cells.Fault(_columns.History, null, "item ids, and one of its elements is empty");
            if (!_builder.TryItem(id, out int item))
                throw _cells.Fault(_columns.History, id.ToString(), "ids of the items given");
            _builder.AddToHistory(item);
        }
    }

    private string Query(string[]? types)
    {
        int[] roles =
        [
            _columns.Action, _columns.Propensity, _columns.Reward, _columns.Position, _columns.Time, _columns.Filter,
            _columns.History, .. _columns.Features,
        ];
        IEnumerable<string> fields = roles.Select((column, field) => column < 0
            ? "CAST(NULL AS VARCHAR)"
            : field == HistoryField && types is not null && types[column].EndsWith(']')
                ? ListField(_layout.Field(column))
                : $"CAST({_layout.Field(column)} AS VARCHAR)");
        return $"SELECT {string.Join(", ", fields)} FROM {_layout.From()}";
    }

    private static string ListField(string list) =>
        $"array_to_string(list_transform({list}, x -> chr(31) || coalesce(CAST(x AS VARCHAR), '')), '')";
}
