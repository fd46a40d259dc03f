#define _GNU_SOURCE
#include "internal.h"
#include "include/CSupervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// After so many rounds of SIGKILL something forks faster than it is found: from then on everything is stopped first.
#define FREEZE_AFTER_ROUNDS 3
#define FREEZE_SWEEPS 20
// How long processes of another user, which cannot be killed, hold up the end.
#define DENIED_LIMIT_MS 2000
// How long the killed may take once some of them were given up: to wait as long again would help nobody.
#define GIVEN_UP_LIMIT_MS 1000
// Pipes of background processes that are read and dropped; what is above that is closed.
#define DRAIN_LIMIT 64

static int control, children;
static pid_t program;
static bool stopped;        // told to stop for good: nothing is started any more
static long long deadline;  // of the grace, in milliseconds of CLOCK_MONOTONIC; 0 when nothing was asked to stop
static uint8_t *terminated; // who has had its SIGTERM
static int drains[DRAIN_LIMIT], drain_count;
static long long patience;  // how long the killed may take to end, in milliseconds
static unsigned reaped, reaped_killed;
static struct mini_ci_last_words *last_words;

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void reply(int kind, int value, int stage) {
    struct mini_ci_reply reply = {kind, value, stage};
    while (send(control, &reply, sizeof reply, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
}

// Collects the dead. Returns whether any process is left.
static bool reap(void) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0) return true;
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return false;
        reaped++;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) reaped_killed++;
        if (pid == program) {
            program = 0;
            reply(MINI_CI_EXITED, status, 0);
        }
    }
}

static bool child_ended_within(int milliseconds) {
    struct pollfd wait = {children, POLLIN, 0};
    if (poll(&wait, 1, milliseconds) <= 0) return false;
    struct signalfd_siginfo news;
    while (read(children, &news, sizeof news) > 0) {}
    return true;
}

static void freeze(void) {
    for (int sweeps = 0; sweeps < FREEZE_SWEEPS; sweeps++) {
        if (sweep_descendants(SIGSTOP, NULL).running == 0) return;
    }
}

// Processes are left that nothing ends. The worker must not wait for them: their program counts as killed, which it will
// be once the kernel lets go of it.
static void leave_survivors(void) {
    if (patience > GIVEN_UP_LIMIT_MS) patience = GIVEN_UP_LIMIT_MS;
    if (!program) return;
    program = 0;
    reply(MINI_CI_EXITED, SIGKILL, 0);
}

// Kills until the kernel says that no child is left. As whatever loses its parent becomes a child of this process, no
// descendant is left then either.
// Returns false when it gave up: for so long nothing has ended, so what is left is not merely busy forking.
static bool kill_everything(void) {
    long long denied_since = 0, last_death = 0;
    unsigned deaths = reaped;
    deadline = 0;
    for (int round = 0; reap(); round++) {
        if (round >= FREEZE_AFTER_ROUNDS) freeze();
        struct sweep sweep = sweep_descendants(SIGKILL, NULL);
        long long now = now_ms();
        // The first round counts from its end: on a busy machine the walk over /proc alone takes a while.
        if (round == 0 || deaths != reaped) last_death = now;
        deaths = reaped;
        if (sweep.sent > 0 || sweep.denied == 0) denied_since = 0;
        else if (!denied_since) denied_since = now;
        if (now - last_death > patience || (denied_since && now - denied_since > DENIED_LIMIT_MS)) {
            leave_survivors();
            return false;
        }
        // The killed need a moment; looking for more of them meanwhile would only slow them down. Those that hang need
        // a longer one, which is not to be spent on walks over /proc.
        long long until = now_ms() + 2 + (now - last_death) / 16;
        for (long long left; reap() && (left = until - now_ms()) > 0;) child_ended_within((int)left);
    }
    return true;
}

static void interrupt(uint32_t grace_ms) {
    if (!reap()) return;
    long long end = now_ms() + grace_ms;
    if (deadline) {
        if (end < deadline) deadline = end;
        return;
    }
    deadline = end;
    // Each process gets one SIGTERM: a second one means "at once" to many programs, and what they start to clean up
    // after the first must not be hit by it. A walk over a changing tree is repeated for those it may have missed.
    if (terminated) memset(terminated, 0, PID_BITS / 8);
    else {
        void *memory = mmap(NULL, PID_BITS / 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) terminated = memory;
    }
    for (int sweeps = 0; sweeps < 3 && sweep_descendants(SIGTERM, terminated).torn && terminated;) sweeps++;
}

// Points `vector` at `count` strings, NULL at its end. Returns what follows them, or NULL when the request is too
// short.
static char *take_strings(char *at, const char *end, uint32_t count, char **vector) {
    for (uint32_t index = 0; index < count; index++) {
        char *stop_at = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        if (!stop_at) return NULL;
        vector[index] = at;
        at = stop_at + 1;
    }
    vector[count] = NULL;
    return at;
}

static int run_mapped(char *request, size_t length, const int descriptors[3], int *stage) {
    *stage = MINI_CI_STAGE_REQUEST;
    uint32_t counts[2];
    memcpy(counts, request, sizeof counts);
    // Each string takes at least its NUL, so the length bounds the counts.
    if (counts[0] == 0 || (uint64_t)counts[0] + counts[1] > length) return EINVAL;
    size_t size = ((size_t)counts[0] + counts[1] + 4) * sizeof(char *);
    char **vectors = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vectors == MAP_FAILED) return errno;
    char **arguments = vectors + 2, **environment = arguments + counts[0] + 1;
    const char *end = request + length;
    char *at = take_strings(request + sizeof counts, end, 1, vectors);
    if (at) at = take_strings(at, end, counts[0], arguments);
    if (at) at = take_strings(at, end, counts[1], environment);
    int cause = EINVAL;
    if (at) {
        struct launch launch = {vectors[0], arguments, environment, descriptors[1], descriptors[2]};
        program = launch_program(&launch, stage, &cause);
        if (program > 0) cause = 0;
        else program = 0;
    }
    munmap(vectors, size);
    return cause;
}

static void run(uint64_t length, const int descriptors[3]) {
    int stage = MINI_CI_STAGE_REQUEST, cause = EINVAL;
    // The order to stop may have arrived between two programs, when there was nothing to end; it still counts.
    if (stopped) return reply(MINI_CI_START_FAILED, ECANCELED, stage);
    // What was asked to stop and has not yet would share the fate of the new program, or the new program its.
    if (deadline) kill_everything();
    if (program) cause = EBUSY;
    else if (length > 2 * sizeof(uint32_t) && length <= MINI_CI_REQUEST_LIMIT) {
        char *request = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptors[0], 0);
        if (request == MAP_FAILED) cause = errno;
        else {
            cause = run_mapped(request, length, descriptors, &stage);
            munmap(request, length);
        }
    }
    if (cause) reply(MINI_CI_START_FAILED, cause, stage);
}

static _Noreturn void end(void) {
    reap();
    unsigned before = reaped_killed;
    if (!kill_everything()) {
        last_words->survivors = list_descendants(last_words->survivor, MINI_CI_SURVIVORS);
    }
    last_words->killed = (int32_t)(reaped_killed - before);
    for (int index = 0; index < drain_count; index++) {
        int waiting = 0;
        if (ioctl(drains[index], FIONREAD, &waiting) == 0) last_words->dropped += (uint64_t)waiting;
    }
    _exit(0);
}

// Takes one message from the worker. End of file is the order to end, and comes by itself when the worker dies.
static void serve(void) {
    struct message message = {0};
    int descriptors[3] = {-1, -1, -1};
    union { char bytes[CMSG_SPACE(sizeof descriptors)]; struct cmsghdr align; } space;
    struct iovec body = {&message, sizeof message};
    struct msghdr header = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space};
    ssize_t got = recvmsg(control, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got != sizeof message) end();
    int received = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        received = (int)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(part), (size_t)received * sizeof(int));
    }
    if (message.kind == MESSAGE_RUN && received == 3) run(message.length, descriptors);
    else if (message.kind == MESSAGE_RUN) reply(MINI_CI_START_FAILED, EMFILE, MINI_CI_STAGE_REQUEST);
    else if (message.kind == MESSAGE_STOP || message.kind == MESSAGE_INTERRUPT) {
        if (message.kind == MESSAGE_STOP) stopped = true;
        interrupt(message.grace_ms);
    }
    else if (message.kind == MESSAGE_DRAIN && received == 1 && drain_count < DRAIN_LIMIT) {
        drains[drain_count++] = descriptors[0];
        return;
    }
    for (int index = 0; index < received; index++) close(descriptors[index]);
}

static void drain(const struct pollfd *polled, int polled_count) {
    static char dropped[64 * 1024];
    for (int index = polled_count - 1; index >= 0; index--) {
        if (!polled[index].revents) continue;
        ssize_t got = read(drains[index], dropped, sizeof dropped);
        if (got > 0) last_words->dropped += (uint64_t)got;
        if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) continue;
        close(drains[index]);
        drains[index] = drains[--drain_count];
    }
}

_Noreturn void supervise(int socket, uint32_t kill_limit_ms, struct mini_ci_last_words *shared) {
    control = socket;
    patience = kill_limit_ms;
    last_words = shared;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (children < 0) _exit(1);
    for (;;) {
        if (!reap()) deadline = 0;
        if (deadline && now_ms() >= deadline) kill_everything();
        struct pollfd polled[2 + DRAIN_LIMIT] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
        int polled_count = drain_count;
        for (int index = 0; index < polled_count; index++) {
            polled[2 + index] = (struct pollfd){drains[index], POLLIN, 0};
        }
        long long left = deadline ? deadline - now_ms() : -1;
        if (deadline && left < 0) left = 0;
        if (poll(polled, (nfds_t)polled_count + 2, left > 60000 ? 60000 : (int)left) < 0) continue;
        if (polled[1].revents) child_ended_within(0);
        drain(polled + 2, polled_count);
        if (polled[0].revents) serve();
    }
}
