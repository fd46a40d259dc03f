// The worker's side: which supervisors it has, and what is done when one of them is killed. Whatever the dead one had is
// then a child of the worker, among the other supervisors and whatever else the worker may have started.
#define _GNU_SOURCE
#include "internal.h"
#include "include/CSupervisor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// As in the supervisor: after so many rounds everything is stopped before it is killed.
#define FREEZE_AFTER_ROUNDS 3
#define FREEZE_SWEEPS 20
// One walk over /proc could miss what is just being forked, though its dead parent waits to be reaped and is found.
#define CLEAN_ROUNDS 2
#define DENIED_LIMIT_MS 2000
// How often a supervisor that is to end is continued: the build may stop it again and again.
#define WAKE_MS 250

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct supervisor *supervisors;
static int supervisor_count, supervisor_room;
// Something could not be killed or was left by a supervisor: whenever it ends, it is the worker's to reap.
static bool orphans_are_left;
static unsigned long long first_since;

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

unsigned long long ticks_after_boot(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    unsigned long long second = (unsigned long long)sysconf(_SC_CLK_TCK);
    unsigned long long ticks =
        (unsigned long long)now.tv_sec * second + (unsigned long long)now.tv_nsec * second / 1000000000;
    return ticks ? ticks - 1 : 0;
}

int lock_supervisors(void) {
    pthread_mutex_lock(&lock);
    if (supervisor_count < supervisor_room) return 0;
    int room = supervisor_room + 64;
    struct supervisor *more = realloc(supervisors, (size_t)room * sizeof *more);
    if (!more) {
        pthread_mutex_unlock(&lock);
        return ENOMEM;
    }
    supervisors = more;
    supervisor_room = room;
    return 0;
}

void unlock_supervisors(void) { pthread_mutex_unlock(&lock); }

void add_supervisor(struct supervisor supervisor) {
    if (!first_since) first_since = supervisor.since;
    supervisors[supervisor_count++] = supervisor;
}

int mini_ci_adopt_orphans(void) {
    // Where the worker's own parent ignored it, children would be reaped by the kernel, and nobody could tell how they
    // ended.
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno;
}

int mini_ci_supervisor_was_killed(pid_t pid) {
    siginfo_t news = {0};
    if (waitid(P_PID, (id_t)pid, &news, WEXITED | WNOHANG | WNOWAIT) < 0 || news.si_pid == 0) return -1;
    return news.si_code != CLD_EXITED;
}

// Whether it has ended, or there is nothing to wait for.
static bool has_ended(pid_t pid) {
    siginfo_t news = {0};
    int result;
    do result = waitid(P_PID, (id_t)pid, &news, WEXITED | WNOHANG | WNOWAIT);
    while (result < 0 && errno == EINTR);
    return result < 0 || news.si_pid != 0;
}

static bool wait_for_end(pid_t pid, uint32_t limit_ms) {
    long long until = now_ms() + limit_ms, begun = now_ms(), now;
    // Without a descriptor to spare it is looked at now and then.
    int handle = pidfd_open(pid, 0);
    bool ended;
    while (!(ended = has_ended(pid)) && (now = now_ms()) < until) {
        long long pause = handle >= 0 ? WAKE_MS : 1 + (now - begun) / 8;
        if (pause > until - now) pause = until - now;
        if (pause > WAKE_MS) pause = WAKE_MS;
        struct pollfd polled = {handle, POLLIN, 0};
        poll(&polled, 1, (int)pause);
        // Only this thread reaps it, so the number is still its own.
        kill(pid, SIGCONT);
    }
    if (handle >= 0) close(handle);
    return ended;
}

// One round over the orphans. Returns what it saw; the reaped are counted in `end`.
static struct sweep sweep_round(bool frozen, unsigned long long since, int *reaped, struct mini_ci_end *end) {
    pthread_mutex_lock(&lock);
    struct orphan_filter filter = {getsid(0), since, supervisors, supervisor_count};
    for (int sweeps = 0; frozen && sweeps < FREEZE_SWEEPS; sweeps++) {
        if (sweep_orphans(SIGSTOP, &filter).running == 0) break;
    }
    struct sweep sweep = sweep_orphans(SIGKILL, &filter);
    *reaped = reap_orphans(end);
    end->survivors = list_descendants(end->survivor, MINI_CI_SURVIVORS);
    pthread_mutex_unlock(&lock);
    return sweep;
}

// Kills until nothing is found. The lock is held for a round only: others begin and end attempts meanwhile.
static void end_orphans(unsigned long long since, uint32_t kill_limit_ms, struct mini_ci_end *end) {
    long long last_death = now_ms(), denied_since = 0;
    for (int round = 0, clean = 0; clean < CLEAN_ROUNDS; round++) {
        int reaped;
        struct sweep sweep = sweep_round(round >= FREEZE_AFTER_ROUNDS && !clean, since, &reaped, end);
        long long now = now_ms();
        if (round == 0 || reaped) last_death = now;
        clean = sweep.found == 0 ? clean + 1 : 0;
        if (sweep.sent > 0 || sweep.denied == 0) denied_since = 0;
        else if (!denied_since) denied_since = now;
        bool is_hopeless = denied_since && now - denied_since > DENIED_LIMIT_MS;
        if (!clean && (is_hopeless || now - last_death > kill_limit_ms)) {
            pthread_mutex_lock(&lock);
            orphans_are_left = true;
            pthread_mutex_unlock(&lock);
            return;
        }
        if (clean < CLEAN_ROUNDS) poll(NULL, 0, (int)(2 + (now - last_death) / 16));
    }
    end->survivors = 0;
}

// What was given up earlier may have ended since, and would stay in the process table.
static void look_after_leftovers(void) {
    struct mini_ci_end ignored = {0};
    int reaped;
    pthread_mutex_lock(&lock);
    bool is_due = orphans_are_left;
    orphans_are_left = false;
    pthread_mutex_unlock(&lock);
    if (!is_due) return;
    struct sweep sweep = sweep_round(false, first_since, &reaped, &ignored);
    if (sweep.found == 0) return;
    pthread_mutex_lock(&lock);
    orphans_are_left = true;
    pthread_mutex_unlock(&lock);
}

// Both at once: a number without its process would shield whoever gets it next.
static int reap_supervisor(pid_t pid, unsigned long long *since, int *status) {
    pthread_mutex_lock(&lock);
    pid_t got = waitpid(pid, status, WNOHANG);
    *since = first_since;
    for (int index = 0; got != 0 && index < supervisor_count; index++) {
        if (supervisors[index].pid != pid) continue;
        *since = supervisors[index].since;
        supervisors[index] = supervisors[--supervisor_count];
        break;
    }
    pthread_mutex_unlock(&lock);
    return got == pid;
}

void mini_ci_supervisor_end(pid_t pid, uint32_t limit_ms, uint32_t kill_limit_ms, struct mini_ci_end *end) {
    memset(end, 0, sizeof *end);
    if (!wait_for_end(pid, limit_ms)) {
        kill(pid, SIGKILL);
        if (!wait_for_end(pid, kill_limit_ms)) {
            // It hangs in the kernel itself. It stays known, so that nothing takes it for an orphan.
            end->lost = 2;
            end->survivor[end->survivors++] = pid;
            return;
        }
    }
    int status = 0;
    unsigned long long since;
    if (!reap_supervisor(pid, &since, &status)) end->lost = 2;
    else if (WIFSIGNALED(status)) end->lost = 1;
    if (end->lost) end_orphans(since, kill_limit_ms, end);
    look_after_leftovers();
}

void mini_ci_note_leftovers(void) {
    pthread_mutex_lock(&lock);
    orphans_are_left = true;
    pthread_mutex_unlock(&lock);
}
