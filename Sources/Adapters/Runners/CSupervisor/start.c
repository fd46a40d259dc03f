// The worker's side.
#define _GNU_SOURCE
#include "internal.h"
#include "include/CSupervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONTROL_DESCRIPTOR 3

// Every signal to its default. By the system call, as the library keeps signals 32 and 33 to itself and would leave
// them ignored where the worker's own parent ignored them.
static void reset_signals(void) {
    struct { unsigned long handler, flags, restorer, mask; } standard = {0};
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, &standard, NULL, sizeof(uint64_t));
}

// The memory of the command line, which `ps` shows.
static char *title;
static size_t title_size;

// The C library calls it before main, with what main gets. The strings lie one behind the other.
__attribute__((constructor)) static void find_title(int count, char **arguments) {
    if (count < 1 || !arguments || !arguments[0]) return;
    title = arguments[0];
    char *end = title;
    for (int index = 0; index < count && arguments[index] == end; index++) end += strlen(end) + 1;
    title_size = (size_t)(end - title);
}

// In `ps` the copy is not to be taken for its worker. Its memory is its own by now.
static void take_title(const char *name) {
    prctl(PR_SET_NAME, name);
    size_t length = strlen(name);
    if (title_size == 0) return;
    if (length >= title_size) length = title_size - 1;
    memset(title, 0, title_size);
    memcpy(title, name, length);
}

// Makes a copy of the worker into a supervisor: nothing of the worker's signals, descriptors or terminal is kept.
static _Noreturn void become_supervisor(
    int control, uint32_t kill_limit_ms, struct mini_ci_last_words *last_words
) {
    reset_signals();
    setsid();
    take_title("mini-ci-job");
    // The copied memory holds the worker's secrets; a build that runs as the same user may not read it.
    prctl(PR_SET_DUMPABLE, 0);
    // Everything that loses its parent becomes a child of this process and can be found and reaped.
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) _exit(1);
    if (chdir("/") < 0) _exit(1);
    // Away from 0...3 before these are replaced.
    int kept = fcntl(control, F_DUPFD_CLOEXEC, 16);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (kept < 0 || null < 0) _exit(1);
    for (int standard = 0; standard < 3; standard++) {
        if (null != standard && dup2(null, standard) < 0) _exit(1);
    }
    if (null < 3) fcntl(null, F_SETFD, 0);
    if (dup3(kept, CONTROL_DESCRIPTOR, O_CLOEXEC) < 0) _exit(1);
    if (close_range(CONTROL_DESCRIPTOR + 1, ~0u, 0) < 0) {
        for (int other = CONTROL_DESCRIPTOR + 1; other < 65536; other++) close(other);
    }
    supervise(CONTROL_DESCRIPTOR, kill_limit_ms, last_words);
}

int mini_ci_supervisor_start(
    uint32_t kill_limit_ms, int *control, pid_t *pid, const struct mini_ci_last_words **last_words
) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return errno;
    // Memory and not a message: at the end nobody listens at the socket any more.
    struct mini_ci_last_words *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        int cause = errno;
        close(ends[0]);
        close(ends[1]);
        return cause;
    }
    int refusal = lock_supervisors();
    if (refusal) {
        close(ends[0]);
        close(ends[1]);
        mini_ci_free_last_words(shared);
        return refusal;
    }
    unsigned long long since = ticks_after_boot();
    // A handler of the worker must not run in the copy.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // _Fork skips the handlers of pthread_atfork and is async-signal-safe: other threads may hold any lock.
    pid_t child = _Fork();
    if (child == 0) become_supervisor(ends[1], kill_limit_ms, shared);
    int cause = errno;
    if (child > 0) add_supervisor((struct supervisor){child, since});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    unlock_supervisors();
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        mini_ci_free_last_words(shared);
        return cause;
    }
    *control = ends[0];
    *pid = child;
    *last_words = shared;
    return 0;
}

void mini_ci_free_last_words(const struct mini_ci_last_words *last_words) {
    munmap((void *)last_words, sizeof *last_words);
}

static int send_message(int control, struct message message, const int *descriptors, size_t count) {
    union { char bytes[CMSG_SPACE(3 * sizeof(int))]; struct cmsghdr align; } space = {0};
    struct iovec body = {&message, sizeof message};
    struct msghdr header = {.msg_iov = &body, .msg_iovlen = 1};
    if (count) {
        header.msg_control = &space;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(part), descriptors, count * sizeof(int));
    }
    // Never waits: a supervisor that takes no message any more (stopped by the build) must not hold a thread.
    while (sendmsg(control, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

int mini_ci_supervisor_run(int control, const void *request, size_t length, int output, int error) {
    if (length > MINI_CI_REQUEST_LIMIT) return E2BIG;
    // A packet holds some 200 KiB, an environment can be longer: the request travels as a file in memory.
    int file = memfd_create("mini-ci-request", MFD_CLOEXEC);
    if (file < 0) return errno;
    int cause = 0;
    for (size_t written = 0; written < length && !cause;) {
        ssize_t more = write(file, (const char *)request + written, length - written);
        if (more > 0) written += (size_t)more;
        else if (errno != EINTR) cause = errno;
    }
    struct message message = {.kind = MESSAGE_RUN, .length = length};
    if (!cause) cause = send_message(control, message, (int[]){file, output, error}, 3);
    close(file);
    return cause;
}

int mini_ci_supervisor_stop(int control, uint32_t grace_ms) {
    return send_message(control, (struct message){.kind = MESSAGE_STOP, .grace_ms = grace_ms}, NULL, 0);
}

int mini_ci_supervisor_interrupt(int control, uint32_t grace_ms) {
    return send_message(control, (struct message){.kind = MESSAGE_INTERRUPT, .grace_ms = grace_ms}, NULL, 0);
}

int mini_ci_supervisor_drain(int control, int pipe) {
    return send_message(control, (struct message){.kind = MESSAGE_DRAIN}, &pipe, 1);
}

int mini_ci_supervisor_reply(int control, struct mini_ci_reply *reply) {
    ssize_t got = recv(control, reply, sizeof *reply, MSG_DONTWAIT);
    if (got == sizeof *reply) return 1;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : 0;
}

int mini_ci_pipe(int capacity, int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    // Refused above the user's share of pipe memory; the default of 64 KiB is only slower.
    fcntl(ends[0], F_SETPIPE_SZ, capacity);
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

void mini_ci_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
