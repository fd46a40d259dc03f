#include "CTaskQueue.h"

#include <stddef.h>

#define SWIFT_CALL __attribute__((swiftcall))

typedef SWIFT_CALL void (*enqueue_global)(void *job);

extern SWIFT_CALL void (*swift_task_enqueueGlobal_hook)(void *job, enqueue_global original);
extern SWIFT_CALL void swift_job_run(void *job, void *executor_identity, void *executor_implementation);
extern SWIFT_CALL uint64_t swift_task_getJobTaskId(void *job);

static _Thread_local mini_ci_take_job taker;
static _Thread_local void *taker_context;

static SWIFT_CALL void enqueue(void *job, enqueue_global original) {
  if (taker != NULL) {
    taker(taker_context, job, swift_task_getJobTaskId(job));
  } else {
    original(job);
  }
}

void mini_ci_take_jobs(mini_ci_take_job take, void *context) {
  taker = take;
  taker_context = context;
  // The same value every time, so it matters to nobody who else reads it meanwhile.
  __atomic_store_n(&swift_task_enqueueGlobal_hook, enqueue, __ATOMIC_RELEASE);
}

void mini_ci_leave_jobs(void) { taker = NULL; }

// An executor of two null words is the global one.
void mini_ci_run_job(void *job) { swift_job_run(job, NULL, NULL); }
