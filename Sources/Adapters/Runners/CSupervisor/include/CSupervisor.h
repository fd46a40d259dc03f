/// One supervisor process per attempt: it starts programs, is the parent of everything that they leave behind, and ends
/// all of it when it is told to or when the worker is gone.
///
/// The worker holds one end of a socket pair. A message is one packet, so several threads may send without a lock.
/// End of file on the socket, whatever its cause (`shutdown`, the worker's death), means: kill everything and exit.
#ifndef MINI_CI_SUPERVISOR_H
#define MINI_CI_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The longest run request in bytes: arguments, environment and directory together. Linux itself takes at most 2 MiB of
/// arguments and environment with the usual 8 MiB stack limit.
#define MINI_CI_REQUEST_LIMIT (2u * 1024 * 1024)

/// What the supervisor says, exactly once for each run request.
struct mini_ci_reply {
    int32_t kind;    ///< `MINI_CI_EXITED` or `MINI_CI_START_FAILED`.
    int32_t value;   ///< The wait status, or the `errno` of the failed stage.
    int32_t stage;   ///< Of a failed start: one of `MINI_CI_STAGE_…`.
};

#define MINI_CI_EXITED 1
#define MINI_CI_START_FAILED 2

/// The request could not be read, another program is still running (EBUSY), or there was an order to stop (ECANCELED).
#define MINI_CI_STAGE_REQUEST 1
#define MINI_CI_STAGE_FORK 2      ///< No process could be made.
#define MINI_CI_STAGE_DIRECTORY 3 ///< The working directory could not be entered.
#define MINI_CI_STAGE_OUTPUT 4    ///< The outputs could not be put in place.
#define MINI_CI_STAGE_EXEC 5      ///< The program was not found or could not be executed.

/// The most survivors that are named.
#define MINI_CI_SURVIVORS 8

/// What a supervisor leaves in writing: complete once it has been reaped.
struct mini_ci_last_words {
    uint64_t dropped;                    ///< Bytes of background processes that were given to nobody.
    int32_t killed;                      ///< Processes that were still running at the end and were killed.
    int32_t survivors;                   ///< How many are named in `survivor`.
    int32_t survivor[MINI_CI_SURVIVORS]; ///< Ids of processes that could not be killed.
};

/// The bytes of a process name, its NUL included.
#define MINI_CI_NAME_BYTES 16

/// A process and what the kernel calls it.
struct mini_ci_process {
    int32_t pid;
    char name[MINI_CI_NAME_BYTES];
};

/// How a supervisor ended, and what was done about it.
struct mini_ci_end {
    int32_t lost;                                   ///< 1: it was killed, 2: it could not be waited for; 0: all is well.
    int32_t killed;                                 ///< Processes of a lost one that were killed in its place.
    int32_t named;                                  ///< How many of them are in `name`.
    int32_t survivors;                              ///< How many are in `survivor`.
    int32_t survivor[MINI_CI_SURVIVORS];            ///< Ids of processes that could not be killed.
    struct mini_ci_process name[MINI_CI_SURVIVORS]; ///< Some of the killed.
};

/// Makes this process the next parent of what a supervisor leaves when somebody kills it. Once is enough.
/// - Returns: 0, or an `errno`.
int mini_ci_adopt_orphans(void);

/// Whether a supervisor that has not been reaped was killed by a signal.
/// - Returns: 1 when it was, 0 when it ended by itself, -1 when it has not ended.
int mini_ci_supervisor_was_killed(pid_t pid);

/// Waits for the end of a supervisor and reaps it. One that takes longer than `limit_ms` is killed. Where it was killed,
/// by whomever, everything that it had is killed as well, with `kill_limit_ms` as for `mini_ci_supervisor_start`.
void mini_ci_supervisor_end(pid_t pid, uint32_t limit_ms, uint32_t kill_limit_ms, struct mini_ci_end *end);

/// A supervisor has named survivors: they are the worker's children by now, to be reaped when they end at last.
void mini_ci_note_leftovers(void);

/// Starts a supervisor as a child of the calling process. Where a process has not ended `kill_limit_ms` after it was
/// killed (SIGKILL waits for the end of an uninterruptible sleep, which may never come), it is left to itself.
/// - Returns: 0, or an `errno`; then nothing was started. The caller closes `control`, calls
///   `mini_ci_supervisor_end`, and frees `last_words` after that.
int mini_ci_supervisor_start(
    uint32_t kill_limit_ms, int *control, pid_t *pid, const struct mini_ci_last_words **last_words);

/// Frees what `mini_ci_supervisor_start` gave out.
void mini_ci_free_last_words(const struct mini_ci_last_words *last_words);

/// Asks for a program to be run; the descriptors are copied, the caller keeps and closes its own.
/// `request` is: argument count and environment count as `uint32_t`, then NUL-terminated the directory, the arguments,
/// and the environment as `NAME=value`.
/// - Returns: 0, or an `errno`; then no reply will come.
int mini_ci_supervisor_run(int control, const void *request, size_t length, int output, int error);

/// SIGTERM to everything now, SIGKILL to what is left after `grace_ms`; a run that is asked for later is refused with
/// ECANCELED. - Returns: 0, or an `errno`; then the order has not arrived.
int mini_ci_supervisor_stop(int control, uint32_t grace_ms);

/// The same signals, and what is asked for later runs. - Returns: 0, or an `errno`.
int mini_ci_supervisor_interrupt(int control, uint32_t grace_ms);

/// Gives the supervisor the read end of a pipe that background processes still write to. It reads and drops what
/// comes, so that they neither block nor die of SIGPIPE. - Returns: 0, or an `errno`.
int mini_ci_supervisor_drain(int control, int pipe);

/// Takes one reply. - Returns: 1 with a reply, 0 when the supervisor is gone, -1 when there is nothing yet.
int mini_ci_supervisor_reply(int control, struct mini_ci_reply *reply);

/// A pipe with close-on-exec on both ends, a read end that does not block, and `capacity` bytes where the system
/// allows it.
/// - Returns: 0, or an `errno`.
int mini_ci_pipe(int capacity, int *read_end, int *write_end);

/// Names the calling thread (15 bytes) for `ps` and debuggers.
void mini_ci_name_thread(const char *name);

#endif
