#include "include/CProcess.h"

#include <errno.h>
#include <sys/prctl.h>

int mini_ci_process_seal(void) { return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno; }
