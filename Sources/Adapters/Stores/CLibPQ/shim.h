#include <libpq-fe.h>

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/prctl.h>

/* glibc hides these behind _GNU_SOURCE or variadics, which Swift cannot see through. */

/* A descriptor that becomes readable once it is written to; closed in children. -1 and errno on failure. */
static inline int mini_ci_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* Names the calling thread for debuggers and `top -H`; 15 bytes are kept. */
static inline void mini_ci_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
#endif
