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

#define MINI_CI_STAGE_REQUEST 1   ///< The request could not be read, or another program is still running (EBUSY).
#define MINI_CI_STAGE_FORK 2      ///< No process could be made.
#define MINI_CI_STAGE_DIRECTORY 3 ///< The working directory could not be entered.
#define MINI_CI_STAGE_OUTPUT 4    ///< The outputs could not be put in place.
#define MINI_CI_STAGE_EXEC 5      ///< The program was not found or could not be executed.

/// Starts a supervisor as a child of the calling process.
/// - Returns: 0, or an `errno`; then nothing was started. The caller closes `control` and reaps `pid`.
int mini_ci_supervisor_start(int *control, pid_t *pid);

/// Asks for a program to be run; the descriptors are copied, the caller keeps and closes its own.
/// `request` is: argument count and environment count as `uint32_t`, then NUL-terminated the directory, the arguments,
/// and the environment as `NAME=value`.
/// - Returns: 0, or an `errno`; then no reply will come.
int mini_ci_supervisor_run(int control, const void *request, size_t length, int output, int error);

/// SIGTERM to everything now, SIGKILL to what is left after `grace_ms`. - Returns: 0, or an `errno`.
int mini_ci_supervisor_stop(int control, uint32_t grace_ms);

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
