// Between the files of the supervisor. What the supervisor uses runs after _Fork() in a process that had several threads,
// so it may call async-signal-safe functions only: no malloc, no stdio, no opendir.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "include/CSupervisor.h"

#define MESSAGE_RUN 1
#define MESSAGE_STOP 2
#define MESSAGE_DRAIN 3
#define MESSAGE_INTERRUPT 4

// What the worker sends. A run carries three descriptors (request, output, error), a drain one.
struct message {
    uint32_t kind;
    uint32_t grace_ms;
    uint64_t length;
};

// What one walk over /proc found and did.
struct sweep {
    int sent;     // signals delivered
    int denied;   // processes of another user (sudo), which this one may not signal
    int running;  // descendants that were neither stopped nor dead
    int found;    // descendants, the dead that wait to be reaped among them
    bool torn;    // somebody's parent was gone from the snapshot: a descendant may have been missed
};

// One bit for each process id, up to the largest pid_max of Linux (2^22).
#define PID_BITS (1 << 22)

// Sends `signal_number` to every descendant of this process whose bit in `done` is unset, and sets it. `done` may be
// NULL.
struct sweep sweep_descendants(int signal_number, uint8_t *done);

// Writes down the ids of at most `most` processes that the last sweep found and that are still there.
// - Returns: how many it wrote.
int list_descendants(int32_t *pids, int most);

// A supervisor that this process has started and not yet reaped.
struct supervisor {
    pid_t pid;
    unsigned long long since;  // clock ticks after boot, just before its start
};

// Which children of the worker are orphans of an attempt, and not children of its own.
struct orphan_filter {
    pid_t session;             // the worker's
    unsigned long long since;  // nothing that is older, in clock ticks after boot
    const struct supervisor *supervisors;
    int supervisor_count;
};

// In the worker, under the lock of the supervisors: signals all orphans that the filter lets through and what descends
// from them; and reaps those of the last sweep that have ended, counting and naming the killed in `end`.
struct sweep sweep_orphans(int signal_number, const struct orphan_filter *which);
int reap_orphans(struct mini_ci_end *end);

// The lock of the supervisors. Room for one more is made with the lock; what is added has been forked under it, so that
// no sweep meets a supervisor that it does not know.
int lock_supervisors(void);
void unlock_supervisors(void);
unsigned long long ticks_after_boot(void);
void add_supervisor(struct supervisor supervisor);

// What to run, as pointers into the request.
struct launch {
    const char *directory;
    char **arguments;
    char **environment;
    int output, error;
};

// Starts a program. Returns its process id, or -1 with `*stage` and `*cause` (an errno).
pid_t launch_program(const struct launch *launch, int *stage, int *cause);

// `last_words` is shared with the worker, which reads it after the end of this process.
_Noreturn void supervise(int control, uint32_t kill_limit_ms, struct mini_ci_last_words *last_words);
