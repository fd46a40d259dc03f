#define _GNU_SOURCE
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESS_LIMIT (1 << 17)

enum kinship { UNKNOWN, RELATED, STRANGER };

struct process {
    pid_t pid, parent, session;
    unsigned long long started;  // clock ticks after boot: with the pid, the identity of a process
    char state, kinship;
    char name[MINI_CI_NAME_BYTES];
};

static struct process *table;
static int count;
// Which children of this process count; NULL in a supervisor, whose children are all of its attempt.
static const struct orphan_filter *filter;

static char *put_number(char *at, unsigned long number) {
    char digits[20];
    int length = 0;
    do digits[length++] = (char)('0' + number % 10);
    while (number /= 10);
    while (length) *at++ = digits[--length];
    return at;
}

static unsigned long long take_number(const char **at) {
    unsigned long long number = 0;
    while (**at >= '0' && **at <= '9') number = number * 10 + (unsigned)(*(*at)++ - '0');
    return number;
}

// Reads /proc/PID/stat: name, state, parent, session and start time are its fields 2, 3, 4, 6 and 22 (proc(5)).
static bool read_process(int proc, pid_t pid, struct process *process) {
    char path[32], text[1024];
    memcpy(put_number(path, (unsigned long)pid), "/stat", 6);
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return false;
    text[length] = 0;
    // The name may contain anything, parentheses too: what counts begins after the last one.
    const char *at = memrchr(text, ')', (size_t)length);
    if (!at || at[1] != ' ') return false;
    const char *name = memchr(text, '(', (size_t)length);
    size_t name_length = name && name < at ? (size_t)(at - name - 1) : 0;
    if (name_length >= sizeof process->name) name_length = sizeof process->name - 1;
    if (name_length) memcpy(process->name, name + 1, name_length);
    process->name[name_length] = 0;
    process->pid = pid;
    process->state = at[2];
    at += 4;
    process->parent = (pid_t)take_number(&at);
    for (int field = 4; field < 22; field++) {
        at = strchr(at, ' ');
        if (!at) return false;
        at++;
        if (field == 5) process->session = (pid_t)take_number(&at);
    }
    process->started = take_number(&at);
    process->kinship = UNKNOWN;
    return true;
}

static struct process *find(pid_t pid) {
    int low = 0, high = count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (table[middle].pid == pid) return &table[middle];
        if (table[middle].pid < pid) low = middle + 1;
        else high = middle - 1;
    }
    return NULL;
}

static bool is_gone(const struct process *process) { return process->state == 'Z' || process->state == 'X'; }

static bool is_own_child(const struct process *process, pid_t self) {
    if (process->parent != self) return false;
    if (!filter) return true;
    // Nobody can enter a session from outside: what has the worker's own never came out of a supervisor.
    if (process->session == filter->session || process->started < filter->since) return false;
    for (int index = 0; index < filter->supervisor_count; index++) {
        if (filter->supervisors[index].pid == process->pid) return false;
    }
    return true;
}

// Whether the chain of parents leads to this process. A torn snapshot can even contain a circle, hence the limit.
static bool is_descendant(struct process *process, pid_t self, bool *torn) {
    struct process *ancestor = process;
    process->kinship = STRANGER;
    for (int steps = 0; steps < count; steps++) {
        if (is_own_child(ancestor, self) || (ancestor != process && ancestor->kinship == RELATED)) {
            process->kinship = RELATED;
            return true;
        }
        if (ancestor->parent <= 1 || ancestor->parent == self || (ancestor != process && ancestor->kinship == STRANGER)) return false;
        struct process *child = ancestor;
        ancestor = find(child->parent);
        // One that is younger than its child has only got the number of the child's parent.
        if (!ancestor || ancestor->started > child->started) break;
    }
    *torn = true;
    process->kinship = UNKNOWN;
    return false;
}

// Signals the process that was seen, and never another one that has got its number since.
static int send_signal(int proc, const struct process *process, pid_t self, int signal_number) {
    // Nobody but this process can reap its own children, so their numbers cannot be taken over.
    if (process->parent == self) return kill(process->pid, signal_number);
    int handle = pidfd_open(process->pid, 0);
    struct process now;
    bool same = read_process(proc, process->pid, &now) && now.started == process->started;
    if (!same) errno = ESRCH;
    int result = !same ? -1
        : handle >= 0 ? pidfd_send_signal(handle, signal_number, NULL, 0)
        : kill(process->pid, signal_number);
    if (handle >= 0) {
        int cause = errno;
        close(handle);
        errno = cause;
    }
    return result;
}

static void signal_one(
    int proc, const struct process *process, pid_t self, int signal_number, uint8_t *done, struct sweep *sweep
) {
    if (process->state != 'T' && process->state != 't') sweep->running++;
    uint8_t bit = (uint8_t)(1 << (process->pid & 7));
    if (done && process->pid < PID_BITS) {
        if (done[process->pid >> 3] & bit) return;
        done[process->pid >> 3] |= bit;
    }
    if (send_signal(proc, process, self, signal_number) == 0) {
        sweep->sent++;
        // A stopped process would take SIGTERM only once it is continued.
        if (signal_number == SIGTERM && process->state == 'T') send_signal(proc, process, self, SIGCONT);
    } else if (errno == EPERM) {
        sweep->denied++;
    }
}

static void take_snapshot(int proc, pid_t self, int signal_number, struct sweep *sweep) {
    struct entry {
        uint64_t inode, offset;
        uint16_t length;
        uint8_t type;
        char name[];
    };
    static _Alignas(struct entry) char buffer[32 * 1024];
    count = 0;
    for (long got; (got = syscall(SYS_getdents64, proc, buffer, sizeof buffer)) > 0;) {
        for (long at = 0; at < got; at += ((struct entry *)(buffer + at))->length) {
            const char *name = ((struct entry *)(buffer + at))->name;
            if (*name < '1' || *name > '9' || count == PROCESS_LIMIT) continue;
            struct process *process = &table[count];
            if (!read_process(proc, (pid_t)take_number(&name), process) || process->pid == self) continue;
            // A process that forks and exits all the time has a new number by the end of the walk, so a child is
            // killed in the moment it is seen.
            if (signal_number == SIGKILL && is_own_child(process, self) && !is_gone(process)) {
                signal_one(proc, process, self, SIGKILL, NULL, sweep);
                process->kinship = RELATED;
            }
            count++;
        }
    }
}

int list_descendants(int32_t *pids, int most) {
    pid_t self = getpid();
    int listed = 0;
    for (int index = 0; index < count && listed < most; index++) {
        // One that has ended and still cannot be reaped by its parent is held by somebody, a debugger say.
        bool is_left = table[index].kinship == RELATED && (!is_gone(&table[index]) || table[index].parent == self);
        if (is_left) pids[listed++] = table[index].pid;
    }
    return listed;
}

struct sweep sweep_descendants(int signal_number, uint8_t *done) {
    struct sweep sweep = {0};
    pid_t self = getpid();
    if (!table) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *memory = mmap(NULL, PROCESS_LIMIT * sizeof *table, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (memory != MAP_FAILED) table = memory;
    }
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0 || !table) {
        sweep.denied = 1;
        if (proc >= 0) close(proc);
        return sweep;
    }
    take_snapshot(proc, self, signal_number, &sweep);
    for (int index = 0; index < count; index++) {
        struct process *process = &table[index];
        if (process->kinship == RELATED && process->parent == self && signal_number == SIGKILL) {
            sweep.found++;
            continue;
        }
        if (!is_descendant(process, self, &sweep.torn)) continue;
        sweep.found++;
        if (!is_gone(process)) signal_one(proc, process, self, signal_number, done, &sweep);
    }
    close(proc);
    return sweep;
}

struct sweep sweep_orphans(int signal_number, const struct orphan_filter *which) {
    filter = which;
    struct sweep sweep = sweep_descendants(signal_number, NULL);
    filter = NULL;
    return sweep;
}

int reap_orphans(struct mini_ci_end *end) {
    pid_t self = getpid();
    int reaped = 0;
    for (int index = 0; index < count; index++) {
        const struct process *process = &table[index];
        int status;
        if (process->kinship != RELATED || process->parent != self) continue;
        if (waitpid(process->pid, &status, WNOHANG) != process->pid) continue;
        reaped++;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) continue;
        end->killed++;
        if (end->named == MINI_CI_SURVIVORS) continue;
        struct mini_ci_process *named = &end->name[end->named++];
        named->pid = process->pid;
        memcpy(named->name, process->name, sizeof named->name);
    }
    return reaped;
}
