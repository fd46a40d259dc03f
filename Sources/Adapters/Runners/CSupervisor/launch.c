#define _GNU_SOURCE
#include "internal.h"
#include "include/CSupervisor.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *search_path(char **environment) {
    for (; *environment; environment++) {
        if (strncmp(*environment, "PATH=", 5) == 0) return *environment + 5;
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

// Returns only when it failed, with the errno that tells most: a file that may not be executed outweighs absence.
static int execute(char **arguments, char **environment) {
    const char *name = arguments[0];
    if (strchr(name, '/')) {
        execve(name, arguments, environment);
        return errno;
    }
    int cause = ENOENT;
    size_t length = strlen(name);
    for (const char *at = search_path(environment); length > 0;) {
        const char *end = strchrnul(at, ':');
        char file[PATH_MAX];
        size_t folder = (size_t)(end - at);
        if (folder + length + 2 <= sizeof file) {
            memcpy(file, at, folder);
            if (folder) file[folder++] = '/';  // an empty entry means the working directory (POSIX)
            memcpy(file + folder, name, length + 1);
            execve(file, arguments, environment);
            if (errno == EACCES) cause = EACCES;
            else if (errno != ENOENT && errno != ENOTDIR) return errno;
        }
        if (!*end) break;
        at = end + 1;
    }
    return cause;
}

static int enter(const struct launch *launch, int *stage) {
    setsid();
    // Should somebody kill the supervisor itself, at least the program does not run on unattended.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(022);
    *stage = MINI_CI_STAGE_DIRECTORY;
    if (chdir(launch->directory) < 0) return errno;
    *stage = MINI_CI_STAGE_OUTPUT;
    // Standard input is /dev/null already, inherited from the supervisor.
    if (dup2(launch->output, STDOUT_FILENO) < 0 || dup2(launch->error, STDERR_FILENO) < 0) return errno;
    close_range(3, ~0u, 0);
    *stage = MINI_CI_STAGE_EXEC;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return execute(launch->arguments, launch->environment);
}

pid_t launch_program(const struct launch *launch, int *stage, int *cause) {
    // vfork: the supervisor is a copy of a worker of any size, and copying its page tables again would cost more than
    // all the rest. The child shares this memory until it executes, which is also how it says what failed.
    volatile int failed_stage = MINI_CI_STAGE_FORK, failure = 0;
    pid_t child = vfork();
    if (child == 0) {
        int at = MINI_CI_STAGE_FORK;
        failure = enter(launch, &at);
        failed_stage = at;
        _exit(127);
    }
    if (child < 0) failure = errno;
    if (!failure) return child;
    if (child > 0) waitpid(child, NULL, 0);
    *stage = failed_stage;
    *cause = failure;
    return -1;
}
