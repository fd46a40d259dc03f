import Glibc

/// The executor of one actor: a thread of its own, so that the actor may make calls that block.
///
/// The thread ends when the last reference to the executor goes; work that was enqueued before still runs, because
/// a queued job keeps its executor alive.
final class ThreadExecutor: SerialExecutor {
    private let queue: JobQueue

    /// - Throws: `PostgresError.cannotConnect` when the system refuses another thread.
    init(name: String) throws {
        let queue = JobQueue()
        try PosixThread.start(named: name) { queue.runUntilStopped() }
        self.queue = queue
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.push(QueuedJob(job: UnownedJob(job), executor: self))
    }

    /// Without this `assumeIsolated` and its like trap: the runtime cannot know a thread it did not make.
    func checkIsolated() {
        precondition(queue.isCurrentThread, "not on the connection's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { queue.isCurrentThread }
}

private struct QueuedJob {
    let job: UnownedJob
    let executor: ThreadExecutor

    func run() { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
}

/// A queue that one thread drains.
///
/// Unchecked: every stored property is only touched with `lock` held, which the compiler cannot see for a pthread
/// mutex; `Synchronization.Mutex` has no condition variable to wait on.
private final class JobQueue: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [QueuedJob] = []
    private var isStopped = false
    private var thread: pthread_t?

    init() {
        lock.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    var isCurrentThread: Bool {
        withLock {
            guard let thread else { return false }
            return pthread_equal(thread, pthread_self()) != 0
        }
    }

    func push(_ job: QueuedJob) {
        withLock { jobs.append(job) }
        pthread_cond_signal(changed)
    }

    func stop() {
        withLock { isStopped = true }
        pthread_cond_signal(changed)
    }

    func runUntilStopped() {
        withLock { thread = pthread_self() }
        while runBatch() {}
    }

    /// Runs what is queued, waiting for something to be. False when there is nothing left and never will be.
    private func runBatch() -> Bool {
        pthread_mutex_lock(lock)
        while jobs.isEmpty && !isStopped { pthread_cond_wait(changed, lock) }
        var batch: [QueuedJob] = []
        swap(&batch, &jobs)
        pthread_mutex_unlock(lock)
        for job in batch { job.run() }
        return !batch.isEmpty
    }

    private func withLock<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
