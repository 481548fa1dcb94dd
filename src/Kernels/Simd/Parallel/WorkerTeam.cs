namespace KernelPolicy.Kernels;

/// <summary>Work in numbered pieces that a <see cref="WorkerTeam"/> spreads over its threads.</summary>
public interface IParallelWork
{
    /// <summary>Does one piece. Pieces must not depend on each other, nor on which worker does them.</summary>
    /// <param name="index">Which piece, from 0.</param>
    /// <param name="worker">Which worker does it, 0 to threads − 1: the key to that worker's scratch memory.</param>
    void Execute(int index, int worker);
}

/// <summary>
/// A fixed set of threads that share the pieces of one job after another, without allocating.
/// </summary>
/// <remarks>
/// <para>The caller is worker 0 and works too. Pieces are handed out in order, one at a time, to whoever is free; a job
/// whose pieces write to places of their own therefore has the same result at any number of threads.</para>
/// <para>The caller waits only for workers that have begun: on a machine whose processors are busy with other things, a
/// worker that the system does not schedule takes no piece and delays nobody.</para>
/// <para>Between jobs the other workers spin for some microseconds, then sleep: a training step runs several short jobs
/// in a row, and waking a sleeping thread costs as much as a short job.</para>
/// <para>Thread safety: one job at a time; a second caller waits for the first. An exception in a piece is rethrown to the
/// caller once all workers have stopped; pieces not yet begun are dropped.</para>
/// </remarks>
public sealed class WorkerTeam : IDisposable
{
    private const int SpinIterations = 1000;

    /// <summary>Value of the gate between jobs; during one it is the number of workers inside.</summary>
    private const int Closed = int.MinValue;

    /// <summary>The team whose piece this thread is doing.</summary>
    [ThreadStatic]
    private static WorkerTeam? _working;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _asleep;
    private readonly Lock _oneJob = new();
    private IParallelWork? _work;
    private Exception? _error;
    private int _count;
    private int _next;
    private int _gate = Closed;
    private int _generation;
    private volatile bool _stop;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">Workers, the caller included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than 1024 threads.</exception>
    public WorkerTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Threads = threads;
        _threads = new Thread[threads - 1];
        _wake = new SemaphoreSlim[threads - 1];
        _asleep = new int[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"KernelPolicy worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Number of workers, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Does pieces 0 to <paramref name="count"/> − 1 and returns when all are done.</summary>
    /// <exception cref="ObjectDisposedException">The team has been disposed.</exception>
    /// <exception cref="InvalidOperationException">It is called from within a piece of this team's own job.</exception>
    public void Run(IParallelWork work, int count)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_stop, this);
        if (ReferenceEquals(_working, this))
            throw new InvalidOperationException("A piece of work must not start a job on the team that does it.");
        lock (_oneJob)
        {
            (_work, _count, _next, _error) = (work, count, 0, null);
            bool alone = _threads.Length == 0 || count <= 1;
            if (!alone)
                Open();
            TakePieces(0);
            if (!alone)
                Close();
            _work = null;
            if (_error is { } error)
            {
                _error = null;
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            }
        }
    }

    /// <summary>Ends the threads. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (_stop)
            return;
        _stop = true;
        for (int i = 0; i < _threads.Length; i++)
        {
            _wake[i].Release();
            _threads[i].Join();
            _wake[i].Dispose();
        }
    }

    private void Open()
    {
        Volatile.Write(ref _gate, 0);
        Interlocked.Increment(ref _generation);
        for (int i = 0; i < _threads.Length; i++)
        {
            if (Interlocked.Exchange(ref _asleep[i], 0) == 1)
                _wake[i].Release();
        }
    }

    /// <summary>Ends the job once nobody is inside.</summary>
    private void Close()
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref _gate, Closed, 0) != 0)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private void TakePieces(int worker)
    {
        WorkerTeam? outer = _working;
        _working = this;
        try
        {
            int index;
            while ((index = Interlocked.Increment(ref _next) - 1) < _count)
                _work!.Execute(index, worker);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _error, e, null);
            Volatile.Write(ref _next, _count);
        }
        finally
        {
            _working = outer;
        }
    }

    private void Serve(int worker)
    {
        int seen = 0;
        while (WaitForJob(worker, ref seen))
        {
            if (!Enter())
                continue;
            TakePieces(worker);
            Interlocked.Decrement(ref _gate);
        }
    }

    /// <summary>Joins the job in progress, unless it is over.</summary>
    private bool Enter()
    {
        int inside = Volatile.Read(ref _gate);
        while (inside != Closed)
        {
            int before = Interlocked.CompareExchange(ref _gate, inside + 1, inside);
            if (before == inside)
                return true;
            inside = before;
        }

        return false;
    }

    private bool WaitForJob(int worker, ref int seen)
    {
        for (int i = 0; i < SpinIterations; i++)
        {
            if (Volatile.Read(ref _generation) != seen || _stop)
                break;
            Thread.SpinWait(20);
        }

        if (Volatile.Read(ref _generation) == seen && !_stop)
        {
            // Announce the sleep, then look once more: whoever posts a job either sees the announcement or is seen.
            Interlocked.Exchange(ref _asleep[worker - 1], 1);
            if (Volatile.Read(ref _generation) == seen && !_stop)
                _wake[worker - 1].Wait();
            else if (Interlocked.Exchange(ref _asleep[worker - 1], 0) == 0)
                _wake[worker - 1].Wait();
        }

        if (_stop)
            return false;
        seen = Volatile.Read(ref _generation);
        return true;
    }
}
