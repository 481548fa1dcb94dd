using System.Diagnostics;
using KernelPolicy.Policy;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KernelPolicy.Cli.Display;

/// <summary>Shows a run on a terminal, redrawn in place: stages done, the one in progress with a bar, epochs with their
/// rewards.</summary>
internal sealed class LiveRunDisplay(IAnsiConsole console) : RunDisplay
{
    /// <inheritdoc/>
    public override T Show<T>(Func<IRunProgress, T> work) =>
        console.Live(new Text("")).AutoClear(false).Start(context => work(new View(context)));

    private sealed class View(LiveDisplayContext context) : IRunProgress
    {
        private const int BarWidth = 40;

        // A display taller than the terminal cannot be redrawn in place.
        private const int EpochsShown = 10;
        private const int WarningsShown = 4;

        // Redrawing more often than the eye follows costs the training its time.
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.1);

        private readonly List<IRenderable> _done = [];
        private readonly List<EpochResult> _epochs = [];
        private readonly List<IRenderable> _warnings = [];
        private IRenderable? _stage;
        private string _name = "";
        private long _stageStart;
        private long _lastDraw;

        public void Begin(string stage)
        {
            _name = stage;
            _stageStart = Stopwatch.GetTimestamp();
            _stage = new Text($"  {stage} …");
            Draw();
        }

        public void Advance(double? share, string detail)
        {
            if (Stopwatch.GetElapsedTime(_lastDraw) < Interval)
                return;
            _stage = share is { } known
                ? new Markup($"  {Markup.Escape(_name)}  {Bar(known)} {known,4:P0}  {Markup.Escape(detail)}")
                : new Text($"  {_name}: {detail}");
            Draw();
        }

        public void End(string summary)
        {
            string time = TrainingText.Duration(Stopwatch.GetElapsedTime(_stageStart));
            if (_epochs.Count > 0)
                _done.Add(EpochTable());
            _epochs.Clear();
            _done.AddRange(_warnings);
            _warnings.Clear();
            _done.Add(new Markup($"[green]✓[/] {Markup.Escape(_name)}: {Markup.Escape(summary)} [grey]({time})[/]"));
            _stage = null;
            Draw();
        }

        public void Note(string warning) => _warnings.Add(new Markup($"[yellow]! {Markup.Escape(warning)}[/]"));

        public void Report(TrainingProgress value)
        {
            if (value.Audit is { Check.HasActed: true } audit)
                _warnings.Add(new Markup($"[yellow]! {Markup.Escape(AuditText.Warning(audit))}[/]"));
            if (value.Completed is { } epoch)
                _epochs.Add(epoch);
            double share = TrainingText.Share(value);
            _stage = new Markup($"  {Bar(share)} {share,4:P0}  {Markup.Escape(TrainingText.Line(value))}");
            Draw();
        }

        private static string Bar(double share)
        {
            int full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
            return $"[blue]{new string('━', full)}[/][grey]{new string('─', BarWidth - full)}[/]";
        }

        private void Draw()
        {
            _lastDraw = Stopwatch.GetTimestamp();
            List<IRenderable> rows = [.. _done];
            if (_epochs.Count > 0)
                rows.Add(EpochTable());
            rows.AddRange(_warnings.TakeLast(WarningsShown));
            if (_stage is not null)
                rows.Add(_stage);
            context.UpdateTarget(new Rows(rows));
        }

        private Table EpochTable()
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("epoch", "validation reward", "seconds");
            bool isAudited = _epochs.Exists(epoch => epoch.IndexAction is not null);
            if (isAudited)
                table.AddColumns("index recall", "ef");
            bool isCompared = _epochs.Exists(epoch => epoch.Gradient is not null);
            if (isCompared)
                table.AddColumn("gradient error");
            foreach (TableColumn column in table.Columns)
                column.Alignment = Justify.Right;
            double best = _epochs.Max(epoch => epoch.ValidationReward);
            foreach (EpochResult epoch in _epochs.TakeLast(EpochsShown))
            {
                string reward = TrainingText.Reward(epoch.ValidationReward);
                List<string> cells = [$"{epoch.Epoch}", epoch.ValidationReward == best ? $"[green]{reward}[/]" : reward, $"{epoch.Seconds:0.0}"];
                if (isAudited)
                    cells.AddRange([AuditText.Share(epoch.IndexMassRecall), epoch.EfSearch is { } ef ? $"{ef}" : "exact"]);
                if (isCompared)
                    cells.Add(epoch.Gradient is { } gradient ? GradientAuditText.Number(gradient.RelativeError) : "–");
                table.AddRow([.. cells]);
            }

            return table;
        }
    }
}
