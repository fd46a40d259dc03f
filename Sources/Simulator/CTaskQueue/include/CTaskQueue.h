#ifndef MINI_CI_CTASKQUEUE_H
#define MINI_CI_CTASKQUEUE_H

#include <stdint.h>

/// Takes over the jobs of the Swift runtime's global executor, for one thread at a time.
///
/// A simulation decides itself when each piece of each task runs. Tasks that are made while it does so, `Task { }`
/// included, do not ask who runs them, so the place to step in is the runtime's own hook
/// (`swift_task_enqueueGlobal_hook`). Threads that simulate nothing are not affected.

/// Called with every job that becomes ready on the simulating thread, and the number of its task.
typedef void (*mini_ci_take_job)(void *context, void *job, uint64_t task);

/// From now on jobs that become ready on this thread are handed to `take`.
void mini_ci_take_jobs(mini_ci_take_job take, void *context);

/// Jobs of this thread go to the runtime again.
void mini_ci_leave_jobs(void);

/// Runs a job on this thread until it ends or waits.
void mini_ci_run_job(void *job);

#endif
