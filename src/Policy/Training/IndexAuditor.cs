using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Audits an index on the queries that a training asks it: h of some training contexts, with Θ as it stands.
/// </summary>
/// <remarks>Which contexts is a function of (seed, step), so that a training that was stopped audits the same. Of contexts in shares
/// those of share 0 are asked. Reserves its
/// memory at construction. Not thread-safe.</remarks>
internal sealed class IndexAuditor : IDisposable
{
    // The items audited where the steps ask the index for none: only recommendations come from it then.
    private const int UsualK = 10;

    private readonly int _contextsOfFirstShare;
    private readonly ICheckedIndex _guard;
    private readonly bool _isOwner;
    private readonly int _k;
    private readonly TrainingOptions _options;
    private readonly WorkerTeam _team;
    private readonly int[] _chosen;
    private readonly ContextBatch _contexts;
    private readonly Matrix _queries;
    private readonly Projection _projection = new();

    private IndexAuditor(TrainingProblem problem, ICheckedIndex guard, bool isOwner, int k, TrainingOptions options, WorkerTeam team)
    {
        (_guard, _isOwner, _k, _options, _team) = (guard, isOwner, k, options, team);
        _contextsOfFirstShare = problem.Shares.SizeOf(0);
        _chosen = new int[Math.Min(options.AuditQueries, _contextsOfFirstShare)];
        _contexts = new ContextBatch(problem.Contexts, _chosen.Length);
        _queries = new Matrix(_chosen.Length, problem.Items.Columns);
    }

    /// <summary>What shapes the guard's doing, for the fingerprint; empty where it is not to act.</summary>
    public string Fingerprint => Acts
        ? string.Create(
            CultureInfo.InvariantCulture,
            $" audit={_options.AuditQueries}/{_options.AuditEverySteps}/{_options.RecallBound}/K={_k}/{_guard.Description}")
        : "";

    /// <summary>How the guard searches; null where it is not to act.</summary>
    public GuardState? State => Acts ? _guard.State : null;

    /// <summary>How often a graph over moving items was built anew.</summary>
    public int Rebuilds => (_guard as RebuildingIndex)?.Rebuilds ?? 0;

    /// <summary>β of its last build; null where that is the first, which is made of the β that training begins with.</summary>
    public Matrix? BuiltItems => _guard is RebuildingIndex { Rebuilds: > 0 } index ? index.BuiltItems : null;

    // A graph that came without a guard is searched by others, who would not hear of what is done here.
    private bool Acts => !_isOwner && _options.RecallBound > 0;

    /// <summary>The auditor of a training; null where nothing is to be audited: the steps' index comes first, that of
    /// validation second.</summary>
    public static IndexAuditor? For(
        TrainingProblem problem, ITrainingSteps steps, IMipsIndex? index, TrainingOptions options, WorkerTeam team)
    {
        (IMipsIndex? audited, int k) = steps.Index is { } own && steps.RetrievedItems > 0
            ? (own, steps.RetrievedItems)
            : (index, UsualK);
        if (options.AuditQueries == 0 || audited is null)
            return null;
        if (!ReferenceEquals(audited.Items, problem.Items))
            throw new ArgumentException("The index searches other items than the training's.", nameof(index));
        k = (int)Math.Min(k, problem.Items.Rows);
        return audited switch
        {
            ICheckedIndex guard => new IndexAuditor(problem, guard, isOwner: false, k, options, team),
            HnswIndex graph => new IndexAuditor(problem, new GuardedIndex(graph), isOwner: true, k, options, team),
            _ => null,
        };
    }

    /// <summary>Lets the guard go on as another did; from the beginning where null.</summary>
    public void Restore(GuardState? state)
    {
        if (!Acts)
            return;
        if (state is { } known)
            _guard.Restore(known);
        else
            _guard.Reset();
    }

    /// <summary>Lets a graph over moving items be the one that another had.</summary>
    public void RestoreBuild(Matrix builtItems, int rebuilds) => (_guard as RebuildingIndex)?.RestoreBuild(builtItems, rebuilds);

    /// <summary>Audits, and acts where it is to.</summary>
    public RecallCheck Check(QueryMap query, long step)
    {
        int n = _chosen.Length;
        AuditedContexts.Choose(_chosen, _contextsOfFirstShare, _options.Seed, step);
        _contexts.Fill(_chosen, _team);
        query.Project(_projection, _contexts.Rows, _queries, n, _team);
        return _guard.Check(_queries, n, _k, Acts ? _options.RecallBound : 0, _team);
    }

    public void Dispose()
    {
        _contexts.Dispose();
        _queries.Dispose();
        if (_isOwner)
            _guard.Dispose();
    }
}
